/**
 * The longest message a user can send, in characters. A file of its own, so that the browser loads no schemas
 * for it.
 */
export const maxMessageLength = 200_000;
