import { readDraft, writeDraft } from "#app/(workspace)/chat/_composer/drafts.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";

/** Reads the files of an unsent message. */
export function readStoredFiles(key: string): AttachmentInfo[] {
  try {
    // Written by `storeFiles`.
    return JSON.parse(readDraft(toKey(key)) || "[]") as AttachmentInfo[];
  } catch {
    return [];
  }
}

/** Stores the files of an unsent message beside its text, and deletes them with it. */
export function storeFiles(key: string, files: readonly AttachmentInfo[]): void {
  writeDraft(toKey(key), files.length === 0 ? "" : JSON.stringify(files));
}

const toKey = (key: string) => `${key}:files`;
