import { Ended } from "#lib/chat/journal.ts";
import { type ChatRuntime, chatRuntime } from "#lib/chat/runtime.ts";

/**
 * Ends what this process produces, in order: each answer keeps its text, is marked interrupted and is charged for what was
 * received. Resolves when the last one is finalised.
 */
export async function shutDownGenerations(runtime: ChatRuntime = chatRuntime()): Promise<void> {
  runtime.closing = true;
  const all = [...runtime.running.values()];
  for (const one of all) one.controller.abort(new Ended("interrupted"));
  await Promise.all(all.map((one) => one.finished));
  await runtime.wake.close();
}
