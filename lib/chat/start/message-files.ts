import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";
import { toImageNote } from "#lib/chat/files/document-text.ts";
import { hasImages } from "#lib/chat/files/prompt-files.ts";
import type { CountedMessage } from "#lib/chat/start/prompt.ts";
import type { StartRequest } from "#lib/chat/start/start-request.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import type { Model } from "#lib/usage/price-list.ts";
import { countText } from "#lib/usage/tokens.ts";

/** The message to write, with its files. Its tokens count them. */
export type NewMessage = NonNullable<StartRequest["message"]> & { attachments: AttachmentInfo[] };

/**
 * Adds the files of a request to its message.
 * @throws AppError conflict if one of them does not exist, or is another user's
 */
export function toNewMessage(
  { message, attachmentIds }: StartRequest,
  attachments: AttachmentInfo[] = [],
): NewMessage | null {
  if (message === null) return null;
  if (attachments.length !== attachmentIds.length) throw fileMissing();
  return { ...message, tokens: message.tokens + sumTokens(attachments), attachments };
}

/** The error for a message whose file was deleted. */
export function fileMissing(cause?: unknown): AppError {
  return new AppError("conflict", { reason: errorReason("fileMissing"), cause });
}

/**
 * Prepares the messages of a prompt for a model without vision: earlier images become notes.
 * @throws AppError bad_request if the message to answer has an image
 */
export function withoutUnseenImages(messages: CountedMessage[], model: Model): CountedMessage[] {
  if (model.accepts.vision || !messages.some(hasImages)) return messages;
  if (hasImages(messages.findLast(({ role }) => role === "user")))
    throw new AppError("bad_request", { reason: errorReason("modelWithoutImages", { model: model.label }) });
  return messages.map((message) => {
    const images = (message.attachments ?? []).filter(({ kind }) => kind === "image");
    const notes = images.map(({ name }) => toImageNote(name)).join("\n\n");
    return { ...message, tokens: message.tokens - sumTokens(images) + countText(model.id, notes) };
  });
}

function sumTokens(attachments: readonly AttachmentInfo[]): number {
  return attachments.reduce((sum, { tokens }) => sum + tokens, 0);
}
