import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { HistoryMessage } from "#lib/chat/generation/stream-events.ts";

/**
 * Returns the branch that ends with a message, oldest first, in the form in which the request of a temporary
 * chat contains it. Messages without text are left out.
 * @param leafId null for no branch
 */
export function temporaryHistory(
  messages: readonly ClientMessage[],
  leafId: string | null,
): HistoryMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const history: HistoryMessage[] = [];
  for (let at = leafId; at !== null; ) {
    const message = byId.get(at);
    if (message === undefined) break;
    if (message.text !== "") history.push({ role: message.role, text: message.text, id: message.id });
    at = message.parentId;
  }
  return history.reverse();
}
