import { sql } from "drizzle-orm";
import pLimit, { type LimitFunction } from "p-limit";
import { db, type Tx } from "#db/client.ts";
import { env } from "#lib/core/env.ts";
import { singleton } from "#lib/core/singleton.ts";

/** Each lock holds a database connection while Stripe answers; the rest of the pool belongs to the chat. */
const maxLocks = () => Math.max(1, Math.min(4, Math.floor(env().DATABASE_POOL_SIZE / 2)));
const lockTimeoutSeconds = 60;

/** The queue of each workspace with waiting calls, and the limit of concurrent locks of this process. */
type Limits = { byWorkspace: Map<string, LimitFunction>; locks: LimitFunction };
const limits = () =>
  singleton<Limits>("billing.limits", () => ({ byWorkspace: new Map(), locks: pLimit(maxLocks()) }));

/**
 * Runs `work` exclusively, across all processes, for a workspace's billing. What `work` writes through `tx`
 * is committed when it ends, and the lock is released with the commit. Calls of this process wait in memory,
 * so that many calls for one workspace hold one connection. `work` must not call this function again.
 */
export function withCustomerLock<T>(workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return serializeByWorkspace(workspaceId, () =>
    limits().locks(() => db().transaction((tx) => lockAndRun(tx, workspaceId, work))),
  );
}

async function serializeByWorkspace<T>(workspaceId: string, run: () => Promise<T>): Promise<T> {
  const { byWorkspace } = limits();
  const limit = byWorkspace.get(workspaceId) ?? pLimit(1);
  byWorkspace.set(workspaceId, limit);
  try {
    return await limit(run);
  } finally {
    const isIdle = limit.activeCount + limit.pendingCount === 0;
    if (isIdle && byWorkspace.get(workspaceId) === limit) byWorkspace.delete(workspaceId);
  }
}

async function lockAndRun<T>(tx: Tx, workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  await tx.execute(sql`select set_config('lock_timeout', ${`${lockTimeoutSeconds}s`}, true)`);
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`billing:${workspaceId}`}, 0))`);
  return work(tx);
}
