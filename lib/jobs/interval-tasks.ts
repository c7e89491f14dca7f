import { sql } from "drizzle-orm";
import { db, listenerSql } from "#db/client.ts";
import { log } from "#lib/core/log.ts";

type IntervalTask = {
  intervalMs: number;
  /** Ends early when the signal aborts, because the process stops. */
  run: (signal: AbortSignal) => Promise<unknown>;
  /** Runs the task also at each notification of a channel that matches, in every process. */
  wakeOn?: { channel: string; message: RegExp };
};
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
  let isDue = false;
  const stopping = new AbortController();
  /** What happens while the task runs is found by its next run, which follows at once. */
  const run = async () => {
    while (isDue && !stopping.signal.aborted) {
      isDue = false;
      await tick(name, task, stopping.signal);
    }
  };
  const wake = () => {
    isDue = true;
    running ??= run().finally(() => {
      running = undefined;
    });
  };
  const timer = setInterval(() => {
    if (running === undefined) wake();
  }, task.intervalMs);
  timer.unref();
  const listening = task.wakeOn === undefined ? undefined : listen(task.wakeOn, wake);
  return async () => {
    stopping.abort();
    clearInterval(timer);
    await running;
    await (await listening)?.unlisten();
  };
}

async function listen({ channel, message }: NonNullable<IntervalTask["wakeOn"]>, wake: () => void) {
  try {
    return await listenerSql().listen(channel, (text) => message.test(text) && wake(), wake);
  } catch (error) {
    log.warn({ err: error, channel }, "LISTEN failed; the task runs at its interval");
    return undefined;
  }
}

async function tick(name: string, task: IntervalTask, signal: AbortSignal): Promise<void> {
  try {
    await db().transaction(async (tx) => {
      const rows = await tx.execute(
        sql`select pg_try_advisory_xact_lock(hashtextextended(${name}, 0)) as acquired`,
      );
      if (rows[0]?.acquired === true) await task.run(signal);
    });
  } catch (error) {
    log.error({ task: name, err: error }, "An interval task failed; it runs again at the next tick");
  }
}
