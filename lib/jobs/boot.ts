import { setTimeout as pause } from "node:timers/promises";
import { closeDatabase } from "#db/client.ts";
import { shutDownGenerations, whenGenerationsHaveEnded } from "#lib/chat/generation/shut-down.ts";
import { env } from "#lib/core/env.ts";
import { log } from "#lib/core/log.ts";
import { singleton } from "#lib/core/singleton.ts";
import { stopObserving } from "#lib/jobs/observe-process.ts";
import { prepareProcess } from "#lib/jobs/prepare-process.ts";
import { stopFollowing } from "#lib/jobs/shared-state.ts";
import { startWorker, type Worker } from "#lib/jobs/worker.ts";

const state = singleton("boot", () => ({ started: undefined as Promise<void> | undefined }));

/** Refuses new connections; resolves when the last one has closed. */
type StopAccepting = () => Promise<void>;

/**
 * Starts the app's process: environment, database, alerts, worker and shutdown handlers. Later calls wait for
 * the first one.
 */
export async function bootApp(stopAccepting: StopAccepting = async () => {}): Promise<void> {
  state.started ??= boot(stopAccepting);
  await state.started;
}

async function boot(stopAccepting: StopAccepting): Promise<void> {
  await prepareProcess("app");
  const worker = env().WORKER === "on" ? await startWorker() : undefined;
  stopGracefully("SIGTERM", worker, stopAccepting);
  stopGracefully("SIGINT", worker, stopAccepting);
}

/**
 * Answers and requests that are running may end normally within DRAIN_SECONDS. The HTTP server (ours, or
 * Next.js in development) handles the same signals and exits after its connections have closed. Its listeners
 * are called after ours: running generations are finalized first, which ends the connections of their
 * readers, then the worker and the database are stopped.
 */
function stopGracefully(
  signal: "SIGTERM" | "SIGINT",
  worker: Worker | undefined,
  stopAccepting: StopAccepting,
): void {
  const serverListeners = process.listeners(signal);
  process.removeAllListeners(signal);
  process.once(signal, async () => {
    await drain(stopAccepting);
    await shutDown(worker);
    if (serverListeners.length === 0) process.exit(0);
    for (const listener of serverListeners) listener.call(process, signal);
  });
}

async function drain(stopAccepting: StopAccepting): Promise<void> {
  const { DRAIN_SECONDS } = env();
  if (DRAIN_SECONDS === 0) return;
  const stop = new AbortController();
  const idle = Promise.all([stopAccepting(), whenGenerationsHaveEnded()]);
  await Promise.race([idle, pause(DRAIN_SECONDS * 1_000, undefined, { signal: stop.signal })]);
  stop.abort();
}

async function shutDown(worker: Worker | undefined): Promise<void> {
  try {
    await shutDownGenerations();
    await worker?.stop();
    await stopFollowing();
    await closeDatabase();
    await stopObserving();
  } catch (error) {
    log.error({ err: error }, "The graceful shutdown failed");
  }
}
