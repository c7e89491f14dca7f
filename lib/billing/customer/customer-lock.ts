import { sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { env } from "#lib/core/env.ts";
import { singleton } from "#lib/core/singleton.ts";

/** Each lock holds a database connection while Stripe answers; the rest of the pool belongs to the chat. */
const maxLocks = () => Math.max(1, Math.min(4, Math.floor(env().DATABASE_POOL_SIZE / 2)));
const lockTimeoutSeconds = 60;

type Slots = {
  free: number;
  waiting: (() => void)[];
  /** The last queued call of this process for each workspace. */
  lastByWorkspace: Map<string, Promise<unknown>>;
};
const slots = () =>
  singleton<Slots>("billing.slots", () => ({ free: maxLocks(), waiting: [], lastByWorkspace: new Map() }));

/**
 * Runs `work` exclusively, across all processes, for a workspace's billing. What `work` writes through `tx`
 * is committed when it ends, and the lock is released with the commit. Calls of this process wait in memory,
 * so that many calls for one workspace hold one connection. `work` must not call this function again.
 */
export function withCustomerLock<T>(workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return serializeByKey(workspaceId, () =>
    withSlot(() => db().transaction((tx) => lockAndRun(tx, workspaceId, work))),
  );
}

async function serializeByKey<T>(workspaceId: string, run: () => Promise<T>): Promise<T> {
  const { lastByWorkspace } = slots();
  const previous = lastByWorkspace.get(workspaceId);
  const current = (async () => {
    await previous?.catch(() => undefined);
    return run();
  })();
  lastByWorkspace.set(workspaceId, current);
  try {
    return await current;
  } finally {
    if (lastByWorkspace.get(workspaceId) === current) lastByWorkspace.delete(workspaceId);
  }
}

async function withSlot<T>(run: () => Promise<T>): Promise<T> {
  const state = slots();
  if (state.free > 0) state.free -= 1;
  else await new Promise<void>((resolve) => state.waiting.push(resolve));
  try {
    return await run();
  } finally {
    const next = state.waiting.shift();
    if (next === undefined) state.free += 1;
    else next();
  }
}

async function lockAndRun<T>(tx: Tx, workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  await tx.execute(sql`select set_config('lock_timeout', ${`${lockTimeoutSeconds}s`}, true)`);
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`billing:${workspaceId}`}, 0))`);
  return work(tx);
}
