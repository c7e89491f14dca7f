import { usePathname } from "next/navigation";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { prepareImage } from "#app/(workspace)/chat/_attachments/prepare-image.ts";
import { readStoredFiles, storeFiles } from "#app/(workspace)/chat/_attachments/stored-attachments.ts";
import { removeFile, uploadFile } from "#app/(workspace)/chat/_attachments/upload-file.ts";
import { draftKey } from "#app/(workspace)/chat/_composer/drafts.ts";
import type { Problem } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { newUuid } from "#app/(workspace)/chat/_stream/create-turn.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";
import { maxFileBytes, maxFilesPerMessage } from "#lib/chat/files/attachment-limits.ts";

/** A file of the message that is being written. */
export type AttachmentItem = {
  id: string;
  name: string;
  bytes: number;
  isImage: boolean;
  /** The part that is uploaded, from 0 to 1. */
  progress: number;
  /** The file as the server has it; null until it has. */
  info: AttachmentInfo | null;
  problem: Problem | null;
};

export type Attachments = {
  items: AttachmentItem[];
  add: (files: Iterable<File>) => void;
  remove: (id: string) => void;
  /** Whether all files are uploaded. */
  isReady: boolean;
  /** What the uploaded files add to the prompt. */
  tokens: number;
  /** Empties the list while its message is sent. `confirm` deletes the stored list, `restore` undoes it. */
  take: () => { files: AttachmentInfo[]; confirm: () => void; restore: () => void };
};

/** The files of an unsent message. They are uploaded at once, and survive a reload. */
export function useAttachments(conversationId: string, isStored: boolean): Attachments {
  const key = draftKey(conversationId, usePathname());
  const [items, setItems] = useState<AttachmentItem[]>([]);
  const latest = useRef(items);
  const uploads = useRef(new Map<string, AbortController>());
  const isLoaded = useRef(false);

  const change = useCallback(
    (update: (items: AttachmentItem[]) => AttachmentItem[]) => {
      latest.current = update(latest.current);
      setItems(latest.current);
      if (isStored) storeFiles(key, readyFiles(latest.current));
    },
    [key, isStored],
  );
  useEffect(() => {
    if (isLoaded.current || !isStored) return;
    isLoaded.current = true;
    const stored = readStoredFiles(key).map(toItem);
    if (stored.length > 0) change((known) => [...stored, ...known]);
  }, [key, isStored, change]);

  const add = useCallback(
    (files: Iterable<File>) => {
      const added = [...files].slice(0, maxFilesPerMessage - latest.current.length);
      const pairs = added.map((file) => ({ file, item: newItem(file) }));
      change((known) => [...known, ...pairs.map(({ item }) => item)]);
      const patch = (id: string, fields: Partial<AttachmentItem>) =>
        change((known) => known.map((one) => (one.id === id ? { ...one, ...fields } : one)));
      for (const { file, item } of pairs) {
        if (item.problem !== null) continue;
        const controller = new AbortController();
        uploads.current.set(item.id, controller);
        void upload(item, file, controller.signal, patch).finally(() => uploads.current.delete(item.id));
      }
    },
    [change],
  );
  const remove = useCallback(
    (id: string) => {
      uploads.current.get(id)?.abort();
      change((known) => known.filter((one) => one.id !== id));
      removeFile(id);
    },
    [change],
  );
  const take = useCallback(() => {
    const taken = latest.current;
    latest.current = [];
    setItems([]);
    return {
      files: readyFiles(taken),
      confirm: () => {
        if (isStored) storeFiles(key, readyFiles(latest.current));
      },
      restore: () => change((known) => [...taken, ...known]),
    };
  }, [key, isStored, change]);
  const isReady = items.every(({ info }) => info !== null);
  const tokens = items.reduce((sum, { info }) => sum + (info?.tokens ?? 0), 0);
  return useMemo(
    () => ({ items, add, remove, isReady, tokens, take }),
    [items, add, remove, isReady, tokens, take],
  );
}

async function upload(
  { id, name }: AttachmentItem,
  file: File,
  signal: AbortSignal,
  patch: (id: string, fields: Partial<AttachmentItem>) => void,
): Promise<void> {
  const body = await prepareImage(file);
  patch(id, { bytes: body.size });
  if (signal.aborted) return;
  const result = await uploadFile({ id, name, body }, signal, (progress) => patch(id, { progress }));
  if (result.ok) patch(id, { info: result.info, bytes: result.info.bytes, name: result.info.name });
  else patch(id, { problem: result.problem });
}

function newItem(file: File): AttachmentItem {
  const isImage = file.type.startsWith("image/");
  // A pasted image is called image.png by every browser.
  const item = { id: newUuid(), name: file.name, bytes: file.size, isImage, progress: 0, info: null };
  return { ...item, problem: problemOf(file, isImage) };
}

/** Refuses what the server would refuse, before anything is sent. Images become smaller first. */
function problemOf({ size }: File, isImage: boolean): Problem | null {
  if (size === 0) return { code: "bad_request", reason: { key: "reasons.fileEmpty" } };
  if (size <= maxFileBytes || isImage) return null;
  const max = `${maxFileBytes / 1_048_576} MB`;
  return { code: "payload_too_large", reason: { key: "reasons.fileTooLarge", values: { max } } };
}

function toItem(info: AttachmentInfo): AttachmentItem {
  const { id, name, bytes, kind } = info;
  return { id, name, bytes, isImage: kind === "image", progress: 1, info, problem: null };
}

const readyFiles = (items: readonly AttachmentItem[]) => items.flatMap(({ info }) => info ?? []);
