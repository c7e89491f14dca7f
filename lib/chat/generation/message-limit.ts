/**
 * The longest message a user can send, in characters. A file of its own, so that the browser loads no schemas
 * for it.
 */
export const maxMessageLength = 200_000;

/**
 * Returns a message without empty lines around it and without space at its end. The indentation of its first
 * line stays: it may be code.
 */
export function trimMessage(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/, "").trimEnd();
}

/** The most models that answer one message side by side. */
export const maxCompared = 3;
