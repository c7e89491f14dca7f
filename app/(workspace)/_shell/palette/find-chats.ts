import { findConversationsAction } from "#app/(workspace)/chat/actions.ts";
import type { ListedConversation } from "#lib/chat/conversations/conversation-list.ts";

/** Finds the conversations that the palette offers for a query; another search replaces it here. */
export async function findChats(query: string): Promise<ListedConversation[]> {
  const result = await findConversationsAction({ query }).catch(() => null);
  return result?.ok === true ? result.value.slice(0, 20) : [];
}
