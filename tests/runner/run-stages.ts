import { failedStage, type StageResult } from "#tests/runner/read-reports.ts";
import type { RunContext, Stage } from "#tests/runner/stages.ts";

export type FinishedStage = { name: string; seconds: number; result: StageResult };

/**
 * Runs stages, at most `slots` at a time, in the given order as far as `after` allows. A stage that throws
 * has failed; the others go on.
 * @returns the results in the order in which the stages ended
 */
export async function runStages(
  stages: Stage[],
  context: RunContext,
  slots: number,
): Promise<FinishedStage[]> {
  const waiting = [...stages];
  const running = new Map<string, Promise<void>>();
  const finished: FinishedStage[] = [];

  const start = ({ name, run }: Stage): void => {
    const startedAt = performance.now();
    process.stdout.write(`== ${name} starts\n`);
    const ended = run(context)
      .catch((error: unknown) => failedStage(error instanceof Error ? error.message : String(error)))
      .then((result) => {
        const seconds = Math.round((performance.now() - startedAt) / 1_000);
        process.stdout.write(`== ${name}: ${result.passed} passed, ${result.failed} failed (${seconds} s)\n`);
        finished.push({ name, seconds, result });
        running.delete(name);
      });
    running.set(name, ended);
  };

  while (waiting.length > 0 || running.size > 0) {
    const isPending = (name: string) => running.has(name) || waiting.some((stage) => stage.name === name);
    const index = waiting.findIndex(({ after }) => !after.some(isPending));
    const [ready] = index >= 0 && running.size < slots ? waiting.splice(index, 1) : [];
    if (ready !== undefined) start(ready);
    else await Promise.race(running.values());
  }
  return finished;
}
