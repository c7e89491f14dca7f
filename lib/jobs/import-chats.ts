import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  beginImport,
  endImport,
  type ImportCounts,
  maxImportAttempts,
  readImportChunks,
  recordImportProgress,
} from "#lib/chat/portability/import/imports.ts";
import { parseConversation } from "#lib/chat/portability/import/parse-conversation.ts";
import { readImportFile } from "#lib/chat/portability/import/read-file.ts";
import { UnreadableFile } from "#lib/chat/portability/import/split-json.ts";
import { type Importer, storeImported } from "#lib/chat/portability/import/store-imported.ts";
import { now } from "#lib/core/clock.ts";
import { addToEvent } from "#lib/core/log.ts";

/** Progress is stored after this many conversations. */
const progressInterval = 20;

/**
 * The job `chat.import`: reads an uploaded file one conversation at a time. What was stored before a problem
 * stays, and importing the file again continues there.
 */
export async function importChats(importId: string): Promise<void> {
  const run = await beginImport(importId);
  if (run === null) return;
  addToEvent({ importId, workspaceId: run.workspaceId, userId: run.userId, attempt: run.attempt });
  const counts: ImportCounts = { added: 0, updated: 0, unchanged: 0, skipped: 0 };
  try {
    await withFile(importId, (path) => importFile(importId, run, path, counts));
    const isKnown = counts.added + counts.updated + counts.unchanged > 0;
    await endImport(importId, run, counts, isKnown ? null : "unsupported", now());
  } catch (error) {
    const problem = error instanceof UnreadableFile ? error.reason : "internal";
    const isLast = problem !== "internal" || run.attempt >= maxImportAttempts;
    if (isLast) await endImport(importId, run, counts, problem, now());
    if (problem === "internal") throw error;
  }
  addToEvent(counts);
}

async function importFile(
  importId: string,
  importer: Importer,
  path: string,
  counts: ImportCounts,
): Promise<void> {
  let read = 0;
  for await (const value of readImportFile(path)) {
    const conversation = parseConversation(value);
    const result = conversation === null ? "empty" : await storeImported(importer, conversation, now());
    if (result === "empty" || result === "too_large") counts.skipped += 1;
    else counts[result] += 1;
    read += 1;
    if (read % progressInterval === 0) await recordImportProgress(importId, counts);
  }
}

/** Copies the uploaded file to this machine, because an archive is read from its end. */
async function withFile(importId: string, use: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "import-"));
  try {
    const path = join(folder, "file");
    await pipeline(Readable.from(readImportChunks(importId)), createWriteStream(path));
    await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
