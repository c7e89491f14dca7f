import type { ConversationHead } from "#lib/chat/portability/read-conversation-pages.ts";

/** Day, title and the end of the id: readable, unique, and allowed on every file system. */
export function conversationFileName({
  id,
  title,
  createdAt,
}: Pick<ConversationHead, "id" | "title" | "createdAt">): string {
  const words = title
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  const short = [...words].slice(0, 40).join("").replace(/-+$/, "");
  return [createdAt.toISOString().slice(0, 10), short, id.slice(-8)].filter((part) => part !== "").join("-");
}
