const prefix = "draft:";

/** The draft of a conversation; a chat that has no address yet shares one place, whichever comes next. */
export function draftKey(conversationId: string, path: string): string {
  return path === "/chat" ? `${prefix}new` : `${prefix}${conversationId}`;
}

/** What was written under a key and not sent; "" where there is nothing, or the browser keeps nothing. */
export function readDraft(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** Keeps a text on this device until it is sent; a browser that keeps nothing, or has no room, is no error. */
export function writeDraft(key: string, text: string): void {
  try {
    if (text === "") localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {}
}

/** Forgets every draft, so that the next person at this device does not find them. */
export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
  } catch {}
}
