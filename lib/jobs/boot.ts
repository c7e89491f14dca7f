import { closeDatabase } from "#db/client.ts";
import { checkUpstreamModels } from "#lib/chat/generation/check-upstream-models.ts";
import { shutDownGenerations } from "#lib/chat/generation/shut-down.ts";
import { env } from "#lib/core/env.ts";
import { log } from "#lib/core/log.ts";
import { singleton } from "#lib/core/singleton.ts";
import { prepareProcess } from "#lib/jobs/prepare-process.ts";
import { startWorker, type Worker } from "#lib/jobs/worker.ts";

const state = singleton("boot", () => ({ started: undefined as Promise<void> | undefined }));

/** Brings the app's process up, once: environment, migrations, alerts, jobs, and an orderly way to end. */
export async function bootApp(): Promise<void> {
  state.started ??= boot();
  await state.started;
}

async function boot(): Promise<void> {
  await prepareProcess();
  const worker = env().WORKER === "on" ? await startWorker() : undefined;
  // Nobody waits for it: an upstream that is slow to list its models must not keep people out.
  checkUpstreamModels().catch((error) => log.error({ err: error }, "The catalogue could not be checked"));
  stopGracefully("SIGTERM", worker);
  stopGracefully("SIGINT", worker);
}

/**
 * Whoever carries HTTP (our own server, or Next.js in development) listens for the same signals and exits once its connections are
 * closed. Its listeners are set aside until ours is done: answers are finalised first, which ends their readers' connections, then
 * the jobs and the database.
 */
function stopGracefully(signal: "SIGTERM" | "SIGINT", worker: Worker | undefined): void {
  const theirs = process.listeners(signal);
  process.removeAllListeners(signal);
  process.once(signal, async () => {
    await shutDown(worker);
    if (theirs.length === 0) process.exit(0);
    for (const listener of theirs) listener.call(process, signal);
  });
}

async function shutDown(worker: Worker | undefined): Promise<void> {
  try {
    await shutDownGenerations();
    await worker?.stop();
    await closeDatabase();
  } catch (error) {
    log.error({ err: error }, "The process could not end in order");
  }
}
