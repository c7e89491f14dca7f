import { z } from "zod";
import { attachmentKinds } from "#lib/chat/files/attachment-limits.ts";

/** A file of a message, as its parts and the chat page name it. `tokens`: what it adds to a prompt. */
export const attachmentInfoSchema = z.object({
  id: z.uuid(),
  kind: z.enum(attachmentKinds),
  name: z.string(),
  contentType: z.string(),
  bytes: z.int().nonnegative(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  pages: z.int().nullable(),
  tokens: z.int().nonnegative(),
});
export type AttachmentInfo = z.infer<typeof attachmentInfoSchema>;

/** The content types of stored files. */
export const storedContentTypes = [
  ...["image/png", "image/jpeg", "image/webp", "image/gif", "text/plain", "application/pdf"],
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
];
