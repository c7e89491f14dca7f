import { type ChatRuntime, chatRuntime } from "#lib/chat/generation/runtime.ts";
import { GenerationAborted } from "#lib/chat/generation/writer.ts";

/** Resolves when this process runs and starts no generation. */
export async function whenGenerationsHaveEnded(runtime: ChatRuntime = chatRuntime()): Promise<void> {
  while (runtime.running.size + runtime.starting.size > 0)
    await Promise.allSettled([
      ...[...runtime.running.values()].map((run) => run.finished),
      ...runtime.starting,
    ]);
}

/**
 * Ends the generations of this process: each keeps its text, is marked interrupted and is charged for what
 * was received. Generations that are being started are abandoned. Resolves when all are finalized.
 */
export async function shutDownGenerations(runtime: ChatRuntime = chatRuntime()): Promise<void> {
  runtime.closing = true;
  const runs = [...runtime.running.values()];
  for (const run of runs) run.controller.abort(new GenerationAborted("interrupted"));
  await Promise.allSettled([...runs.map((run) => run.finished), ...runtime.starting]);
  await runtime.wake.close();
}
