import { formatHistory, type History } from "#tests/orders/history.ts";
import { startOrdersTestEnv } from "#tests/orders/orders-test-env.ts";
import { playHistory } from "#tests/orders/play-history.ts";
import { shrinkHistory } from "#tests/orders/shrink-history.ts";

/** The result of a history; `failure` is the failed check, with a shorter history that fails too. */
export type HistoryResult = { id: number; failure: string | null };

/** A history to play, by the number under which it is reported. */
export type HistoryTask = { id: number; history: History; shrinks: boolean };

/** Instances of the product: the first gets its events in order, the other in any order or not at all. */
const instanceCount = 2;
const maxShrinkingPlays = 40;

// This process plays one history at a time, because each one moves the process's clock.
const testEnv = await startOrdersTestEnv(process.argv[2] ?? "", instanceCount);
process.on("message", async ({ id, history, shrinks }: HistoryTask) => {
  let failure = await failureOf(history);
  if (failure !== null && shrinks) {
    const fails = async (shorter: History) => (await failureOf(shorter)) !== null;
    const shortest = await shrinkHistory(history, fails, maxShrinkingPlays);
    failure = `--replay "${formatHistory(shortest)}"\n${(await failureOf(shortest)) ?? failure}`;
  }
  process.send?.({ id, failure } satisfies HistoryResult);
});
process.on("disconnect", async () => {
  await testEnv.stop();
});
process.send?.("ready");

async function failureOf(history: History): Promise<string | null> {
  try {
    await playHistory(testEnv, history);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
