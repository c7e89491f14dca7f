/** The largest file, in bytes. */
export const maxFileBytes = 25 * 1_048_576;
/** The largest image, which prompts contain whole. Browsers make images smaller before they send them. */
export const maxImageBytes = 8 * 1_048_576;
export const maxFilesPerMessage = 10;
export const maxFileNameLength = 200;

/** The longest side of an image that the server accepts, in pixels, and the most pixels of all. */
export const maxImageSide = 8_192;
export const maxImagePixels = 40_000_000;

/** Browsers reduce images to this side; models see no more of them. */
export const sentImageSide = 2_048;

/** The longest text of a document, in UTF-16 units: about what the largest context windows hold. */
export const maxTextLength = 2_000_000;

export const attachmentKinds = ["image", "text", "pdf", "word", "excel"] as const;
export type AttachmentKind = (typeof attachmentKinds)[number];

/** What a file picker offers; the server decides by the content. */
export const acceptedFiles = [
  "image/png,image/jpeg,image/webp,image/gif,application/pdf,.docx,.xlsx,.csv,.tsv,.txt,.md,.json,.xml,.yaml",
  ".yml,.html,.css,.js,.jsx,.ts,.tsx,.py,.rb,.go,.rs,.java,.kt,.c,.h,.cpp,.cs,.php,.sql,.sh,.log,.toml,.ini",
  "text/*",
].join(",");
