import { headers } from "next/headers";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireUser } from "#app/_http/session/session.ts";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";
import { readChatPageData } from "#app/(workspace)/chat/_screen/chat-page-data.ts";
import { ChatScreen } from "#app/(workspace)/chat/_screen/chat-screen.tsx";
import { newId } from "#lib/core/ids.ts";

export const generateMetadata = pageMetadata("/chat");

export default async function NewChatPage() {
  const pageData = await readChatPageData(await requireUser("/chat"));
  const conversationId = newId();
  const empty = { title: "", messages: [], leafId: null, running: null };
  // The key is new for each visit, so that "New chat" always starts with an empty state.
  return (
    <ClientMessages of={["chat", "errors"]}>
      <ChatScreen
        key={conversationId}
        conversationId={conversationId}
        conversation={empty}
        model={pageData.defaultModel}
        nonce={(await headers()).get("x-nonce") ?? undefined}
        {...pageData}
      />
    </ClientMessages>
  );
}
