import { and, eq, inArray, lt, ne, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { users } from "#db/schema/accounts.ts";
import { dataExportChunks, dataExports } from "#db/schema/data-exports.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { exportLifetimeMs } from "#lib/accounts/data-exports/data-exports.ts";
import { hashExportToken } from "#lib/accounts/data-exports/export-token.ts";
import { dataExportFailedEmail, dataExportReadyEmail } from "#lib/accounts/email/data-emails.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { newId, newSecret } from "#lib/core/ids.ts";

/** The first attempt and the retries of the job "account.export". */
export const maxExportAttempts = 5;

/** One run of the job. Only the newest run of an archive may write; see `ExportSuperseded`. */
export type ExportRun = {
  exportId: string;
  runId: string;
  userId: string;
  workspaceId: string;
  attempt: number;
};

/** Thrown when a later run has taken the archive over, or when it was deleted. */
export class ExportSuperseded extends Error {
  override readonly name = "ExportSuperseded";
}

/**
 * Begins a run: drops the bytes of earlier runs, which from now on cannot write.
 * @returns null if the archive is finished, has failed for good or was deleted
 */
export async function beginExportRun(exportId: string): Promise<ExportRun | null> {
  return db().transaction(async (tx) => {
    const runId = newId();
    const [run] = await tx
      .update(dataExports)
      .set({
        status: "running",
        runId,
        attempts: sql`${dataExports.attempts} + 1`,
        stepsDone: 0,
        stepsTotal: 0,
      })
      .where(and(eq(dataExports.id, exportId), inArray(dataExports.status, ["waiting", "running"])))
      .returning({
        userId: dataExports.userId,
        workspaceId: dataExports.workspaceId,
        attempt: dataExports.attempts,
      });
    if (run === undefined) return null;
    await tx.delete(dataExportChunks).where(eq(dataExportChunks.exportId, exportId));
    return { exportId, runId, ...run };
  });
}

/** Appends bytes to the archive. @throws ExportSuperseded */
export async function appendExportChunk(
  { exportId, runId }: ExportRun,
  seq: number,
  bytes: Uint8Array,
): Promise<void> {
  await db().transaction(async (tx) => {
    await lockRun(tx, { exportId, runId });
    await tx.insert(dataExportChunks).values({ exportId, seq, bytes });
  });
}

/** Stores how far the run is, for the screen. @throws ExportSuperseded */
export async function recordExportProgress(
  { exportId, runId }: ExportRun,
  { stepsDone, stepsTotal }: { stepsDone: number; stepsTotal: number },
): Promise<void> {
  const isCurrent = and(eq(dataExports.id, exportId), eq(dataExports.runId, runId));
  const { count } = await db().update(dataExports).set({ stepsDone, stepsTotal }).where(isCurrent);
  if (count === 0) throw new ExportSuperseded();
}

/** Finishes the archive, deletes the user's older ones, and emails its link. @throws ExportSuperseded */
export async function completeExport(run: ExportRun, sizeBytes: number, at: Date): Promise<void> {
  const { exportId, userId, workspaceId } = run;
  await db().transaction(async (tx) => {
    const to = await lockRun(tx, run);
    const token = newSecret(32);
    const expiresAt = new Date(at.getTime() + exportLifetimeMs);
    await tx
      .update(dataExports)
      .set({
        status: "ready",
        sizeBytes,
        tokenHash: hashExportToken(token),
        completedAt: at,
        expiresAt,
        stepsDone: sql`${dataExports.stepsTotal}`,
      })
      .where(eq(dataExports.id, exportId));
    await tx.delete(dataExports).where(and(eq(dataExports.userId, userId), ne(dataExports.id, exportId)));
    const data = { exportId, token, expiresAt, sizeBytes };
    await queueEmail(tx, {
      to,
      template: dataExportReadyEmail,
      data,
      uniqueKey: `data-export:${exportId}`,
    });
    await recordExportAudit(tx, "completed", { exportId, userId, workspaceId, sizeBytes }, at);
  });
}

/** Marks the archive as failed and tells the user. @throws ExportSuperseded */
export async function failExport(run: ExportRun, at: Date): Promise<void> {
  const { exportId } = run;
  await db().transaction(async (tx) => {
    const to = await lockRun(tx, run);
    await giveUp(tx, { ...run, to }, at);
    await tx.delete(dataExportChunks).where(eq(dataExportChunks.exportId, exportId));
  });
}

/** Gives up archives that were requested a day ago: their jobs were lost or used up their attempts. */
export async function failStuckExports(at: Date): Promise<number> {
  const dayBefore = new Date(at.getTime() - 86_400_000);
  return db().transaction(async (tx) => {
    const stuck = await tx
      .select({
        exportId: dataExports.id,
        userId: dataExports.userId,
        workspaceId: dataExports.workspaceId,
        to: users.email,
      })
      .from(dataExports)
      .innerJoin(users, eq(users.id, dataExports.userId))
      .where(and(inArray(dataExports.status, ["waiting", "running"]), lt(dataExports.requestedAt, dayBefore)))
      .for("update", { of: dataExports });
    for (const each of stuck) await giveUp(tx, each, at);
    return stuck.length;
  });
}

type Unfinished = { exportId: string; userId: string; workspaceId: string; to: string };

async function giveUp(tx: Tx, { exportId, userId, workspaceId, to }: Unfinished, at: Date): Promise<void> {
  await tx.update(dataExports).set({ status: "failed", runId: null }).where(eq(dataExports.id, exportId));
  const uniqueKey = `data-export-failed:${exportId}`;
  await queueEmail(tx, { to, template: dataExportFailedEmail, data: undefined, uniqueKey });
  await recordExportAudit(tx, "failed", { exportId, userId, workspaceId }, at);
}

/** Locks the archive for its current run. @returns the user's email address */
async function lockRun(tx: Tx, { exportId, runId }: Pick<ExportRun, "exportId" | "runId">): Promise<string> {
  const [row] = await tx
    .select({ email: users.email })
    .from(dataExports)
    .innerJoin(users, eq(users.id, dataExports.userId))
    .where(and(eq(dataExports.id, exportId), eq(dataExports.runId, runId), eq(dataExports.status, "running")))
    .for("update", { of: dataExports });
  if (row === undefined) throw new ExportSuperseded();
  return row.email;
}

async function recordExportAudit(
  tx: Tx,
  event: "completed" | "failed",
  subject: { exportId: string; userId: string; workspaceId: string; sizeBytes?: number },
  at: Date,
): Promise<void> {
  const { exportId, userId, workspaceId, sizeBytes } = subject;
  const data = { userId, ...(sizeBytes !== undefined && { sizeBytes }) };
  const action = `data_export.${event}`;
  await recordAudit(tx, { action, actorUserId: null, workspaceId, target: exportId, data }, at);
}
