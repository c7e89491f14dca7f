import { inArray } from "drizzle-orm";
import { db } from "#db/client.ts";
import { attachments } from "#db/schema/attachments.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";
import { readBlob } from "#lib/chat/files/blob-store.ts";
import { toDocumentText, toImageNote } from "#lib/chat/files/document-text.ts";

/** A message of a prompt with its files. */
type MessageWithFiles = { content: string; attachments?: readonly AttachmentInfo[] };

/** What models get of the files of a prompt: texts of documents, and images as data URLs, by id. */
export type PromptFiles = { texts: Map<string, string>; images: Map<string, string> };

/** The content of a message for a model: text, or parts in OpenAI's format. */
export type ModelContent =
  | string
  | ({ type: "text"; text: string } | { type: "image_url"; image_url: { url: string } })[];

/** Requests with more are slow and are refused by upstreams. Older images are left out first. */
const maxImageBytes = 20 * 1_048_576;

/** Whether a message has an image. */
export function hasImages(message: Pick<MessageWithFiles, "attachments"> | undefined): boolean {
  return message?.attachments?.some(({ kind }) => kind === "image") ?? false;
}

/** Counts the images of a prompt. */
export function countImagesOf(prompt: readonly MessageWithFiles[]): number {
  return prompt.reduce(
    (sum, message) => sum + (message.attachments ?? []).filter(({ kind }) => kind === "image").length,
    0,
  );
}

/**
 * Reads the files of a prompt, whose ownership was checked when they were attached. A prompt without files
 * costs no query.
 */
export async function loadPromptFiles(prompt: readonly MessageWithFiles[]): Promise<PromptFiles> {
  const files: PromptFiles = { texts: new Map(), images: new Map() };
  const named = prompt.flatMap((message) => message.attachments ?? []);
  if (named.length === 0) return files;
  await loadTexts(files, named);
  let left = maxImageBytes;
  for (const { id, kind, bytes, contentType } of named.toReversed()) {
    if (kind !== "image" || files.images.has(id) || bytes > left) continue;
    left -= bytes;
    const image = await readBlob(id, bytes);
    files.images.set(id, `data:${contentType};base64,${Buffer.from(image.buffer).toString("base64")}`);
  }
  return files;
}

async function loadTexts({ texts }: PromptFiles, named: readonly AttachmentInfo[]): Promise<void> {
  const ids = named.filter(({ kind }) => kind !== "image").map(({ id }) => id);
  if (ids.length === 0) return;
  const rows = await db()
    .select({
      id: attachments.id,
      name: attachments.name,
      text: attachments.text,
      sha256: attachments.sha256,
    })
    .from(attachments)
    .where(inArray(attachments.id, ids));
  for (const { id, name, text, sha256 } of rows)
    texts.set(id, toDocumentText({ name, sha256: sha256 ?? "" }, text ?? ""));
}

/** Returns the text of a message with its documents, which stand before it. */
export function withDocuments(
  { content, attachments: named = [] }: MessageWithFiles,
  files: PromptFiles,
): string {
  const texts = named.map(({ id }) => files.texts.get(id)).filter((text) => text !== undefined);
  return [...texts, content].filter((text) => text !== "").join("\n\n");
}

/**
 * Returns a message as a model gets it: its files, then its text. For a model without vision, and for images
 * that were left out, a note names the image.
 */
export function toModelContent(message: MessageWithFiles, files: PromptFiles, vision: boolean): ModelContent {
  const { attachments: named = [] } = message;
  const images = named.filter(({ kind }) => kind === "image");
  if (images.length === 0) return withDocuments(message, files);
  const urls = images.map(({ id }) => (vision ? files.images.get(id) : undefined));
  const notes = images.filter((_, index) => urls[index] === undefined).map(({ name }) => toImageNote(name));
  const text = [...notes, withDocuments(message, files)].filter((part) => part !== "").join("\n\n");
  const shown = urls.filter((url) => url !== undefined);
  if (shown.length === 0) return text;
  const parts = shown.map((url) => ({ type: "image_url" as const, image_url: { url } }));
  return text === "" ? parts : [...parts, { type: "text", text }];
}
