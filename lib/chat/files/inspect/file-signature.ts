import type { AttachmentKind } from "#lib/chat/files/attachment-limits.ts";

/** A file's type by its first bytes. An old Office file may also be an encrypted one. */
export type Signature =
  | { kind: Exclude<AttachmentKind, "text" | "word" | "excel">; contentType: string }
  | { kind: "zip" | "oldOffice" };

/** Returns what the first bytes say; null if they are of no known format, as those of text are. */
export function readSignature(bytes: Buffer): Signature | null {
  const starts = (text: string, at = 0) => bytes.toString("latin1", at, at + text.length) === text;
  if (starts("\x89PNG\r\n\x1a\n")) return { kind: "image", contentType: "image/png" };
  if (starts("\xff\xd8\xff")) return { kind: "image", contentType: "image/jpeg" };
  if (starts("GIF87a") || starts("GIF89a")) return { kind: "image", contentType: "image/gif" };
  if (starts("RIFF") && starts("WEBP", 8)) return { kind: "image", contentType: "image/webp" };
  // Readers of PDF accept other bytes before the header.
  if (bytes.subarray(0, 1_024).includes("%PDF-")) return { kind: "pdf", contentType: "application/pdf" };
  if (starts("PK\x03\x04") || starts("PK\x05\x06")) return { kind: "zip" };
  if (starts("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) return { kind: "oldOffice" };
  return null;
}
