import { createHash } from "node:crypto";
import type {
  ImportedConversation,
  ImportedMessage,
} from "#lib/chat/portability/import/imported-conversation.ts";

/**
 * Orders messages so that parents precede their children. A message whose parent is not in the file becomes a
 * root; one that can only be reached through itself is left out.
 */
export function orderMessages(messages: readonly ImportedMessage[]): ImportedMessage[] {
  const known = new Map(messages.map((message) => [message.externalId, message]));
  const children = new Map<string | null, ImportedMessage[]>();
  for (const message of known.values()) {
    const parentId = message.parentId !== null && known.has(message.parentId) ? message.parentId : null;
    const siblings = children.get(parentId) ?? [];
    siblings.push({ ...message, parentId });
    children.set(parentId, siblings);
  }
  const ordered: ImportedMessage[] = [];
  for (let level = children.get(null) ?? []; level.length > 0; ) {
    ordered.push(...level);
    level = level.flatMap(({ externalId }) => children.get(externalId) ?? []);
  }
  return ordered;
}

/**
 * The leaf that is shown: the file's, else the end of the branch of newest messages; null without messages.
 */
export function findLeaf(
  { leafId }: Pick<ImportedConversation, "leafId">,
  ordered: readonly ImportedMessage[],
): string | null {
  if (leafId !== null && ordered.some(({ externalId }) => externalId === leafId)) return leafId;
  // Siblings are in the order of the file, so that the last one is the newest.
  const newestChild = new Map(ordered.map(({ externalId, parentId }) => [parentId, externalId]));
  let leaf: string | null = null;
  for (let next = newestChild.get(null); next !== undefined; next = newestChild.get(next)) leaf = next;
  return leaf;
}

/**
 * An id that the same import has every time (a UUID of version 8), so that repeating it finds what it stored.
 * It contains the user, because ids are unique in the whole installation.
 */
export function importedId(userId: string, ...names: string[]): string {
  const bytes = createHash("sha256")
    .update(JSON.stringify([userId, ...names]))
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
