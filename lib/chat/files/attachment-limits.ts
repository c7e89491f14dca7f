/** The largest file, in bytes. */
export const maxFileBytes = 25 * 1_048_576;
export const maxFileNameLength = 200;

/** The longest side of an image that the server accepts, in pixels, and the most pixels of all. */
export const maxImageSide = 8_192;
export const maxImagePixels = 40_000_000;

/** The longest text of a document, in UTF-16 units: about what the largest context windows hold. */
export const maxTextLength = 2_000_000;

export const attachmentKinds = ["image", "text", "pdf", "word", "excel"] as const;
export type AttachmentKind = (typeof attachmentKinds)[number];
