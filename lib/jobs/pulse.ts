import { sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { log } from "#lib/core/log.ts";

/** Work that is due every few seconds, which is too often for rows in a queue: how often, and what. */
type Pulse = { everyMs: number; run: () => Promise<unknown> };
export type PulseTable = Record<string, Pulse>;

/**
 * Starts every pulse. Of all the processes that have one, one at a time does its work: the others find the lock taken
 * and pass. A pulse that fails is logged and comes again.
 * @returns stops them, after what runs has finished
 */
export function startPulses(table: PulseTable): () => Promise<void> {
  const stops = Object.entries(table).map(([name, pulse]) => startPulse(name, pulse));
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

function startPulse(name: string, pulse: Pulse): () => Promise<void> {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= beat(name, pulse).finally(() => {
      running = undefined;
    });
  }, pulse.everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

async function beat(name: string, pulse: Pulse): Promise<void> {
  try {
    await db().transaction(async (tx) => {
      const rows = await tx.execute(
        sql`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as taken`,
      );
      if (rows[0]?.taken === true) await pulse.run();
    });
  } catch (error) {
    log.error({ pulse: name, err: error }, "A pulse failed and will come again");
  }
}
