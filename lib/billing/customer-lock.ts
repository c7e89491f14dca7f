import { sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { env } from "#lib/core/env.ts";
import { singleton } from "#lib/core/singleton.ts";

/** Whoever holds the lock keeps a connection while Stripe answers; the rest of the pool belongs to the chat. */
const mostLocks = () => Math.max(1, Math.min(4, Math.floor(env().DATABASE_POOL_SIZE / 2)));
const waitSeconds = 60;

type Lanes = {
  free: number;
  waiting: (() => void)[];
  /** The last in this process's row for each workspace. */
  lastInRow: Map<string, Promise<unknown>>;
};
const lanes = () =>
  singleton<Lanes>("billing.lanes", () => ({ free: mostLocks(), waiting: [], lastInRow: new Map() }));

/**
 * Runs `work` as the only one, in every process, that changes or fetches a workspace's billing. What `work` writes through
 * `tx` is committed with its end, and the lock goes with it. Those of this process wait in memory, so that a crowd at one
 * workspace holds one connection. `work` must not call this function again.
 */
export function withCustomerLock<T>(workspaceId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return inRow(workspaceId, () => inLane(() => db().transaction((tx) => lockAndRun(tx, workspaceId, work))));
}

async function inRow<T>(workspaceId: string, run: () => Promise<T>): Promise<T> {
  const { lastInRow } = lanes();
  const before = lastInRow.get(workspaceId);
  const mine = (async () => {
    await before?.catch(() => undefined);
    return run();
  })();
  lastInRow.set(workspaceId, mine);
  try {
    return await mine;
  } finally {
    if (lastInRow.get(workspaceId) === mine) lastInRow.delete(workspaceId);
  }
}

async function inLane<T>(run: () => Promise<T>): Promise<T> {
  const state = lanes();
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
  await tx.execute(sql`select set_config('lock_timeout', ${`${waitSeconds}s`}, true)`);
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`billing:${workspaceId}`}, 0))`);
  return work(tx);
}
