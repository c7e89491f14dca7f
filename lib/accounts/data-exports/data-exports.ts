import { and, desc, eq, gt, inArray, lt, lte, or } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { dataExports } from "#db/schema/data-exports.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { type Bucket, takeToken } from "#lib/accounts/rate-limit.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { AppError } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";
import { enqueue } from "#lib/core/queue.ts";

/** How long a finished archive can be downloaded. */
export const exportLifetimeMs = 7 * 86_400_000;

/** An archive is large, so that a user gets a few of them per day. */
const requestBucket: Bucket = { capacity: 3, refillPerMinute: 3 / 1_440 };

/** The state of a user's newest archive, as the settings show it. */
export type DataExport = {
  id: string;
  status: "waiting" | "running" | "ready" | "failed";
  stepsDone: number;
  /** Zero until the job has counted them. */
  stepsTotal: number;
  sizeBytes: number | null;
  requestedAt: Date;
  completedAt: Date | null;
  expiresAt: Date | null;
};

const columns = {
  id: dataExports.id,
  status: dataExports.status,
  stepsDone: dataExports.stepsDone,
  stepsTotal: dataExports.stepsTotal,
  sizeBytes: dataExports.sizeBytes,
  requestedAt: dataExports.requestedAt,
  completedAt: dataExports.completedAt,
  expiresAt: dataExports.expiresAt,
};

const openStatuses = ["waiting", "running"] as const;

/**
 * Starts building an archive of all of a user's data. While one is being built, a repeated request returns
 * it.
 * @throws AppError `too_many_requests`
 */
export async function requestDataExport(
  { userId, workspaceId }: Pick<Identity, "userId" | "workspaceId">,
  at: Date,
): Promise<DataExport> {
  return db().transaction(async (tx) => {
    const id = newId(at.getTime());
    const [created] = await tx
      .insert(dataExports)
      .values({ id, userId, workspaceId, requestedAt: at })
      .onConflictDoNothing()
      .returning(columns);
    if (created === undefined) return requireOpenExport(tx, userId);
    const { ok, retryAfterSeconds } = await takeToken(tx, `data-export:${userId}`, requestBucket, at);
    if (!ok) throw new AppError("too_many_requests", { retryAfterSeconds });
    await enqueue(tx, "account.export", { exportId: id }, { uniqueKey: id });
    await recordAudit(
      tx,
      { action: "data_export.requested", actorUserId: userId, workspaceId, target: id },
      at,
    );
    return created;
  });
}

async function requireOpenExport(tx: Tx, userId: string): Promise<DataExport> {
  const isOpen = and(eq(dataExports.userId, userId), inArray(dataExports.status, [...openStatuses]));
  const [open] = await tx.select(columns).from(dataExports).where(isOpen);
  // It ended between the two statements.
  if (open === undefined) throw new AppError("conflict");
  return open;
}

/** Reads a user's newest archive that is being built, has failed, or can be downloaded; null without one. */
export async function readDataExport(tx: Tx, userId: string, at: Date): Promise<DataExport | null> {
  const [found] = await tx
    .select(columns)
    .from(dataExports)
    .where(
      and(
        eq(dataExports.userId, userId),
        or(inArray(dataExports.status, ["waiting", "running", "failed"]), gt(dataExports.expiresAt, at)),
      ),
    )
    .orderBy(desc(dataExports.requestedAt), desc(dataExports.id))
    .limit(1);
  return found ?? null;
}

/**
 * Deletes archives whose seven days are over, and failed ones of that age.
 * @returns how many were deleted
 */
export async function purgeDataExports(at: Date): Promise<number> {
  const oldest = new Date(at.getTime() - exportLifetimeMs);
  const hasFailed = and(eq(dataExports.status, "failed"), lt(dataExports.requestedAt, oldest));
  return db().transaction(async (tx) => {
    const purged = await tx
      .delete(dataExports)
      .where(or(lte(dataExports.expiresAt, at), hasFailed))
      .returning({
        target: dataExports.id,
        userId: dataExports.userId,
        workspaceId: dataExports.workspaceId,
      });
    for (const { target, userId, workspaceId } of purged) {
      const entry = {
        action: "data_export.purged",
        actorUserId: null,
        workspaceId,
        target,
        data: { userId },
      };
      await recordAudit(tx, entry, at);
    }
    return purged.length;
  });
}
