import type { FinishedStage } from "#tests/runner/run-stages.ts";

/**
 * Prints the seconds and failures of each stage, the ten slowest tests, and as the last line "N passed, N
 * failed".
 */
export function printSummary(
  finished: FinishedStage[],
  totalSeconds: number,
  seed: number,
): { failed: number } {
  const lines: string[] = [""];
  for (const { name, seconds, result } of finished) {
    lines.push(`${name.padEnd(12)} ${result.passed} passed, ${result.failed} failed  (${seconds} s)`);
    for (const failure of result.failures) lines.push(`    ${String(failure).split("\n")[0]}`);
  }
  const slowest = finished
    .flatMap(({ result }) => result.tests)
    .sort((a, b) => b.durationMs - a.durationMs)
    .slice(0, 10);
  if (slowest.length > 0) lines.push("", "The ten slowest tests:");
  for (const { name, durationMs } of slowest)
    lines.push(`${(durationMs / 1_000).toFixed(1).padStart(7)} s  ${name}`);
  const sum = (key: "passed" | "failed") => finished.reduce((total, { result }) => total + result[key], 0);
  lines.push("", `Total ${totalSeconds} s; seed of random tests ${seed} (TEST_SEED=${seed} repeats them)`);
  lines.push("", `${sum("passed")} passed, ${sum("failed")} failed`);
  process.stdout.write(`${lines.join("\n")}\n`);
  return { failed: sum("failed") };
}
