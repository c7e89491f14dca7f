import type { Tx } from "#db/client.ts";
import { conversationFormat } from "#lib/chat/portability/conversation-format.ts";
import { type ConversationHead, readMessagePages } from "#lib/chat/portability/read-conversation-pages.ts";

/** Writes a conversation with its complete tree as a document in Parley's format, in pieces. */
export async function* conversationJson(
  tx: Tx,
  workspaceId: string,
  conversation: ConversationHead,
): AsyncGenerator<string, void> {
  const { id, title, model, createdAt, updatedAt, activeLeafId } = conversation;
  const head = { ...conversationFormat, id, title, model, createdAt, updatedAt, activeLeafId };
  yield `${JSON.stringify(head).slice(0, -1)},"messages":[`;
  let separator = "\n";
  for await (const page of readMessagePages(tx, workspaceId, id)) {
    yield separator + page.map((message) => JSON.stringify(message)).join(",\n");
    separator = ",\n";
  }
  yield "\n]}\n";
}
