import { sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { log } from "#lib/core/log.ts";

type IntervalTask = { intervalMs: number; run: () => Promise<unknown> };
export type IntervalTasks = Record<string, IntervalTask>;

/**
 * Starts every task. An advisory lock lets one process at a time run a task; the other processes skip that
 * tick. A failure is logged, and the task runs again at the next tick.
 * @returns stops the tasks and waits for running ones
 */
export function startIntervalTasks(tasks: IntervalTasks): () => Promise<void> {
  const stops = Object.entries(tasks).map(([name, task]) => startTask(name, task));
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

function startTask(name: string, task: IntervalTask): () => Promise<void> {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= tick(name, task).finally(() => {
      running = undefined;
    });
  }, task.intervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

async function tick(name: string, task: IntervalTask): Promise<void> {
  try {
    await db().transaction(async (tx) => {
      const rows = await tx.execute(
        sql`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as acquired`,
      );
      if (rows[0]?.acquired === true) await task.run();
    });
  } catch (error) {
    log.error({ task: name, err: error }, "An interval task failed; it runs again at the next tick");
  }
}
