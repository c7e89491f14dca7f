import { requireUser } from "#app/_http/session.ts";
import { ChatScreen } from "#app/(workspace)/chat/_screen/chat-screen.tsx";
import { readChatFrame } from "#app/(workspace)/chat/_screen/read-chat-frame.ts";
import { newId } from "#lib/core/ids.ts";

export const metadata = { title: "New chat" };

export default async function NewChatPage() {
  const frame = await readChatFrame(await requireUser("/chat"));
  const conversationId = newId();
  const empty = { title: "", messages: [], leafId: null, running: null };
  // The key is new with each visit, so that "New chat" always begins with an empty page.
  return (
    <ChatScreen
      key={conversationId}
      conversationId={conversationId}
      conversation={empty}
      model={frame.defaultModel}
      {...frame}
    />
  );
}
