import { and, asc, desc, eq, inArray, lt, or, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { chatImportChunks, chatImports } from "#db/schema/imports.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import type { UnreadableFile } from "#lib/chat/portability/import/split-json.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import { enqueue } from "#lib/core/queue.ts";

/** An import as its user sees it. */
export type ChatImport = {
  id: string;
  status: "uploading" | "waiting" | "running" | "done" | "failed";
  fileName: string;
  added: number;
  updated: number;
  unchanged: number;
  skipped: number;
  problem: UnreadableFile["reason"] | "internal" | null;
};

const columns = {
  id: chatImports.id,
  status: chatImports.status,
  fileName: chatImports.fileName,
  added: chatImports.added,
  updated: chatImports.updated,
  unchanged: chatImports.unchanged,
  skipped: chatImports.skipped,
  problem: chatImports.problem,
};

type Importer = Pick<Identity, "userId" | "workspaceId">;

/**
 * Stores an uploaded file and enqueues its import. An upload that broke off leaves nothing.
 * @param id chosen by the client, so that a repeated request starts one import
 * @throws AppError `conflict` while another file is imported, `payload_too_large`
 */
export async function startImport(
  { userId, workspaceId }: Importer,
  { id, fileName }: { id: string; fileName: string },
  chunks: AsyncIterable<Uint8Array>,
  at: Date,
): Promise<ChatImport> {
  const own = and(eq(chatImports.id, id), eq(chatImports.userId, userId));
  const [known] = await db().select(columns).from(chatImports).where(own);
  if (known !== undefined && known.status !== "uploading") return known;
  // An upload of a closed tab or a stopped process.
  await db()
    .delete(chatImports)
    .where(and(eq(chatImports.userId, userId), eq(chatImports.status, "uploading")));
  const row = { id, userId, workspaceId, fileName, requestedAt: at };
  const added = await db()
    .insert(chatImports)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: chatImports.id });
  if (added.length === 0) throw new AppError("conflict", { reason: errorReason("importRunning") });
  try {
    let seq = 0;
    for await (const bytes of chunks) {
      await db().insert(chatImportChunks).values({ importId: id, seq, bytes });
      seq += 1;
    }
    return await db().transaction(async (tx) => {
      const [ready] = await tx.update(chatImports).set({ status: "waiting" }).where(own).returning(columns);
      if (ready === undefined) throw new AppError("conflict");
      await enqueue(tx, "chat.import", { importId: id }, { uniqueKey: id });
      await recordAudit(
        tx,
        { action: "chat_import.started", actorUserId: userId, workspaceId, target: id },
        at,
      );
      return ready;
    });
  } catch (error) {
    await db()
      .delete(chatImports)
      .where(and(own, eq(chatImports.status, "uploading")));
    throw error;
  }
}

/** Reads a user's newest import; null without one. */
export async function readImport(tx: Tx, { userId }: Importer): Promise<ChatImport | null> {
  const [found] = await tx
    .select(columns)
    .from(chatImports)
    .where(and(eq(chatImports.userId, userId), sql`${chatImports.status} <> 'uploading'`))
    .orderBy(desc(chatImports.requestedAt), desc(chatImports.id))
    .limit(1);
  return found ?? null;
}

/** The first attempt and the retries of the job "chat.import". */
export const maxImportAttempts = 4;

/** Begins an attempt. @returns null if the import has ended or was deleted */
export async function beginImport(importId: string): Promise<(Importer & { attempt: number }) | null> {
  const [run] = await db()
    .update(chatImports)
    .set({
      status: "running",
      attempts: sql`${chatImports.attempts} + 1`,
      added: 0,
      updated: 0,
      unchanged: 0,
      skipped: 0,
    })
    .where(and(eq(chatImports.id, importId), inArray(chatImports.status, ["waiting", "running"])))
    .returning({
      userId: chatImports.userId,
      workspaceId: chatImports.workspaceId,
      attempt: chatImports.attempts,
    });
  return run ?? null;
}

export type ImportCounts = Pick<ChatImport, "added" | "updated" | "unchanged" | "skipped">;

/** Stores how far the import is, for the screen. */
export async function recordImportProgress(importId: string, counts: ImportCounts): Promise<void> {
  await db().update(chatImports).set(counts).where(eq(chatImports.id, importId));
}

/** Ends an import and deletes the bytes of its file. */
export async function endImport(
  importId: string,
  { userId, workspaceId }: Importer,
  counts: ImportCounts,
  problem: ChatImport["problem"],
  at: Date,
): Promise<void> {
  await db().transaction(async (tx) => {
    const status = problem === null ? "done" : "failed";
    await tx
      .update(chatImports)
      .set({ ...counts, status, problem, completedAt: at })
      .where(eq(chatImports.id, importId));
    await tx.delete(chatImportChunks).where(eq(chatImportChunks.importId, importId));
    const action = `chat_import.${status}`;
    const data = { ...counts, problem };
    await recordAudit(tx, { action, actorUserId: userId, workspaceId, target: importId, data }, at);
  });
}

/** Reads the bytes of the uploaded file. */
export async function* readImportChunks(importId: string): AsyncGenerator<Uint8Array, void> {
  for (let seq = 0; ; seq += 1) {
    const [chunk] = await db()
      .select({ bytes: chatImportChunks.bytes })
      .from(chatImportChunks)
      .where(and(eq(chatImportChunks.importId, importId), eq(chatImportChunks.seq, seq)))
      .orderBy(asc(chatImportChunks.seq));
    if (chunk === undefined) return;
    yield chunk.bytes;
  }
}

/** Deletes imports that ended a month ago, and uploads that broke off a day ago. */
export async function purgeImports(at: Date): Promise<number> {
  const before = (days: number) => new Date(at.getTime() - days * 86_400_000);
  const { count } = await db()
    .delete(chatImports)
    .where(
      or(
        lt(chatImports.completedAt, before(30)),
        and(eq(chatImports.status, "uploading"), lt(chatImports.requestedAt, before(1))),
      ),
    );
  return count;
}
