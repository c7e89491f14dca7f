import type { MessageHit, SearchResult, TitleHit } from "#lib/chat/search/search-result.ts";

/** A result with its link and the id of its element. */
export type Hit = { href: string; elementId: string } & (
  | { kind: "title"; hit: TitleHit }
  | { kind: "message"; hit: MessageHit }
);

/** The results in the order of the list. A message's link names the message, to which the chat scrolls. */
export function toHits({ titles, messages }: SearchResult, listId: string): Hit[] {
  return [
    ...titles.map((hit) => ({
      kind: "title" as const,
      hit,
      href: `/chat/${hit.conversationId}`,
      elementId: `${listId}-${hit.conversationId}`,
    })),
    ...messages.map((hit) => ({
      kind: "message" as const,
      hit,
      href: `/chat/${hit.conversationId}?message=${hit.messageId}`,
      elementId: `${listId}-${hit.messageId}`,
    })),
  ];
}
