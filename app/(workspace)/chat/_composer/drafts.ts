const prefix = "draft:";

/** The storage key of a conversation's draft. All new chats share one key until they have a URL. */
export function draftKey(conversationId: string, path: string): string {
  return path === "/chat" ? `${prefix}new` : `${prefix}${conversationId}`;
}

/** Returns the draft under a key, or "" if there is none, the key is null or storage is unavailable. */
export function readDraft(key: string | null): string {
  if (key === null) return "";
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/**
 * Stores a draft; an empty text removes it. Does nothing if the key is null, or storage full or unavailable.
 */
export function writeDraft(key: string | null, text: string): void {
  if (key === null) return;
  try {
    if (text === "") localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {}
}

/** Deletes all drafts, so that the next user of this browser does not see them. */
export function deleteDrafts(): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
  } catch {}
}
