import type { Metadata } from "next";
import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { requireUser } from "#app/_http/session/session.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { UpgradeProvider } from "#app/(workspace)/chat/_composer/_upgrade/upgrade-provider.tsx";
import { readChatPageData } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { ChatScreen } from "#app/(workspace)/chat/_screen/chat-screen.tsx";
import { toClientConversation } from "#app/(workspace)/chat/_screen/client-conversation.ts";
import { db } from "#db/client.ts";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import { AppError } from "#lib/core/errors.ts";
// A formula has its layout at the first paint; the plugin that renders it loads later.
import "katex/dist/katex.min.css";

type Props = { params: Promise<{ conversationId: string }> };

/** Reads the conversation once per request. Shows the not-found page if it is not the user's. */
const loadConversation = cache(async (id: string) => {
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
  return { title: (await loadConversation(conversationId)).title };
}

export default async function ConversationPage({ params }: Props) {
  const { conversationId } = await params;
  const identity = await requireUser(`/chat/${conversationId}`);
  const [conversation, pageData] = await Promise.all([
    loadConversation(conversationId),
    readChatPageData(identity),
  ]);
  const isModelAvailable = pageData.models.some(
    (model) => model.id === conversation.model && model.isAvailable,
  );
  return (
    <ClientMessages of={["attachments", "chat", "errors", "plans"]}>
      <UpgradeProvider>
        <ChatScreen
          key={conversationId}
          conversationId={conversationId}
          conversation={toClientConversation(conversation)}
          projectId={null}
          startsTemporary={false}
          model={isModelAvailable ? conversation.model : pageData.defaultModel}
          nonce={(await headers()).get("x-nonce") ?? undefined}
          {...pageData}
        />
      </UpgradeProvider>
    </ClientMessages>
  );
}
