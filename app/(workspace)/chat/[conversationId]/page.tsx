import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { requireUser } from "#app/_http/session.ts";
import { ChatScreen } from "#app/(workspace)/chat/_screen/chat-screen.tsx";
import { clientConversation } from "#app/(workspace)/chat/_screen/client-conversation.ts";
import { readChatFrame } from "#app/(workspace)/chat/_screen/read-chat-frame.ts";
import { db } from "#db/client.ts";
import { readConversation } from "#lib/chat/read-conversation.ts";
import { AppError } from "#lib/core/errors.ts";

type Props = { params: Promise<{ conversationId: string }> };

/** The conversation of this address, once a request; a page that does not exist when it is not this person's. */
const readThis = cache(async (id: string) => {
  const { workspaceId, userId } = await requireUser(`/chat/${id}`);
  if (!z.uuid().safeParse(id).success) notFound();
  try {
    return await readConversation(db(), workspaceId, userId, id);
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") notFound();
    throw error;
  }
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { conversationId } = await params;
  return { title: (await readThis(conversationId)).title };
}

export default async function ConversationPage({ params }: Props) {
  const { conversationId } = await params;
  const identity = await requireUser(`/chat/${conversationId}`);
  const [conversation, frame] = await Promise.all([readThis(conversationId), readChatFrame(identity)]);
  const known = frame.models.some((model) => model.id === conversation.model && model.open);
  return (
    <ChatScreen
      key={conversationId}
      conversationId={conversationId}
      conversation={clientConversation(conversation)}
      model={known ? conversation.model : frame.defaultModel}
      {...frame}
    />
  );
}
