import { type ChatRuntime, chatRuntime } from "#lib/chat/generation/runtime.ts";
import { GenerationAborted } from "#lib/chat/generation/writer.ts";

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
