/** The longest message a person may send, in characters. Apart from the schemas, because the browser needs it without them. */
export const maxMessageLength = 200_000;
