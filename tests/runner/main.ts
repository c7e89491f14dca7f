import { randomInt } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { delimiter } from "node:path";
import { parseArgs } from "node:util";
import { findChromium } from "#tests/runner/find-chromium.ts";
import { printSummary } from "#tests/runner/print-summary.ts";
import { stopCommands } from "#tests/runner/run-command.ts";
import { runStages } from "#tests/runner/run-stages.ts";
import { stages } from "#tests/runner/stages.ts";

/**
 * `npm test -- [STAGE ...]` runs the named stages, by default all of them. `--long` takes the long
 * random-test budget. `TEST_SEED` repeats a run's random tests.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { long: { type: "boolean", default: false } },
});
const names = stages.map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`Unknown stage ${unknown.join(", ")}; the stages are ${names.join(", ")}.\n`);
  process.exit(1);
}

const stop = () => {
  void stopCommands().finally(() => process.exit(130));
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"] as const) process.once(signal, stop);
// tests/run.mjs may have been killed while the modules were loading.
if (process.send !== undefined && !process.connected) process.exit(130);

const startedAt = performance.now();
const selected = stages.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const reports = ".data/reports";
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const coverage = ".data/coverage";
rmSync(coverage, { recursive: true, force: true });
const seed = Number(process.env.TEST_SEED ?? randomInt(1, 2 ** 31 - 1));
const needsBrowser = selected.some(({ name }) => name === "integration" || name === "e2e");
const chromium = needsBrowser ? findChromium() : undefined;
process.stdout.write(`Seed of random tests: ${seed}\n`);

const env = {
  ...process.env,
  PATH: `${process.cwd()}/node_modules/.bin${delimiter}${process.env.PATH ?? ""}`,
  NEXT_TELEMETRY_DISABLED: "1",
  // Loading the app's modules takes a fifth less time with it, and `npm test` starts dozens of processes.
  NODE_COMPILE_CACHE: "node_modules/.cache/tests",
  FORCE_COLOR: process.stdout.isTTY ? "1" : "0",
  TEST_SEED: String(seed),
  TEST_BUDGET: values.long ? "long" : "quick",
  ...(chromium !== undefined && { CHROMIUM_PATH: chromium }),
  ...(selected.some(({ name }) => name === "coverage") && { COVERAGE_DIR: coverage }),
};
const context = {
  env,
  reports,
  seed,
  isLong: values.long,
  chromium,
  selected: selected.map(({ name }) => name),
};
// Two at a time: one stage alone leaves a fifth of two cores idle while it waits for browsers, processes and
// the database.
const finished = await runStages(selected, context, 2);
const { failed } = printSummary(finished, Math.round((performance.now() - startedAt) / 1_000), seed);
process.exit(failed > 0 ? 1 : 0);
