import { existsSync } from "node:fs";
import { findCoverageFailures, formatCoverage, readCoverage } from "#tests/coverage/read-coverage.ts";
import {
  failedStage,
  readOrdersReport,
  readPlaywrightReport,
  readVitestReport,
  type StageResult,
} from "#tests/runner/read-reports.ts";
import { runCommand } from "#tests/runner/run-command.ts";

export type RunContext = {
  env: NodeJS.ProcessEnv;
  /** The folder of the JSON reports. */
  reports: string;
  /** Seed of all random tests. */
  seed: number;
  /** The long random-test budget of `npm run test:long`. */
  isLong: boolean;
  /** Undefined when no Chromium could be found or installed. */
  chromium: string | undefined;
  /** Names of the stages of this run. */
  selected: string[];
};

export type Stage = {
  name: string;
  /** Stages that must end first, if they are part of the run. */
  after: string[];
  run: (context: RunContext) => Promise<StageResult>;
};

/**
 * `npm test` plays the same 200 histories in every run, so that a failure is due to the change. New and more
 * histories are played by `npm run test:long`, `npm run test:orders` and with TEST_SEED.
 */
const firstOrdersSeed = 1;

const next = "node_modules/next/dist/bin/next";
const shortMs = 40 * 60_000;
const longMs = 45 * 60_000;

/**
 * All stages. The first one that is ready takes a free slot, so the longest chain (types, build, e2e) comes
 * first and the others run beside it. `next typegen` and `next build` write the same folder: they never run
 * together.
 */
export const stages: Stage[] = [
  commands("types", [
    [next, "typegen"],
    ["node_modules/typescript/bin/tsc", "--noEmit"],
  ]),
  commands("lint", [["node_modules/@biomejs/biome/bin/biome", "check", "."]]),
  commands("knip", [["node_modules/knip/bin/knip.js"]]),
  { name: "build", after: ["types"], run: build },
  { name: "e2e", after: ["build"], run: e2e },
  { name: "unit", after: [], run: (context) => vitest("unit", context) },
  { name: "integration", after: [], run: (context) => vitest("integration", context) },
  { name: "orders", after: [], run: orders },
  { name: "coverage", after: ["unit", "integration"], run: coverage },
];

function commands(name: string, list: string[][]): Stage {
  return { name, after: [], run: ({ env }) => runAll(name, list, env) };
}

async function runAll(stage: string, list: string[][], env: NodeJS.ProcessEnv): Promise<StageResult> {
  for (const args of list) {
    const failure = await runCommand({ stage, args, env, timeoutMs: shortMs });
    if (failure !== null) return failedStage(failure);
  }
  return { passed: 1, failed: 0, failures: [], tests: [] };
}

/** Builds for production. The types stage has checked the types when it is part of the run. */
function build({ env, selected }: RunContext): Promise<StageResult> {
  const isChecked = selected.includes("types");
  return runAll("build", [[next, "build"], ["tests/first-load.ts"]], {
    ...env,
    ...(isChecked && { SKIP_TYPE_CHECK: "1" }),
  });
}

async function vitest(project: string, { env, reports, isLong, selected }: RunContext): Promise<StageResult> {
  const report = `${reports}/${project}.json`;
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  // Beside the browser tests there is less of each core left.
  const workers = selected.includes("e2e") ? ["--maxWorkers=2"] : [];
  const failure = await runCommand({
    stage: project,
    args: ["node_modules/vitest/vitest.mjs", "run", "--project", project, ...reporters, ...workers],
    env,
    timeoutMs: isLong ? 4 * longMs : longMs,
  });
  return readVitestReport(report, failure);
}

/** Which lines of lib/ and db/ the unit and integration tests ran. */
async function coverage({ env }: RunContext): Promise<StageResult> {
  const folders = readCoverage(env.COVERAGE_DIR ?? "");
  process.stdout.write(`${formatCoverage(folders)}\n`);
  const failures = findCoverageFailures(folders);
  const failed = failures.length;
  return { passed: failed === 0 ? 1 : 0, failed, failures, tests: [] };
}

/**
 * Random histories of customers and of an administrator, audited, and delivered to two instances in different
 * orders; more of them with `npm run test:orders`.
 */
async function orders({ env, reports, seed, isLong }: RunContext): Promise<StageResult> {
  const report = `${reports}/orders.json`;
  const first = isLong || process.env.TEST_SEED !== undefined ? seed : firstOrdersSeed;
  const budget = ["--histories", isLong ? "1000" : "200", "--seed", String(first)];
  const failure = await runCommand({
    stage: "orders",
    args: ["tests/orders/run.ts", ...budget, "--report", report],
    env,
    timeoutMs: longMs,
  });
  return readOrdersReport(report, failure);
}

async function e2e({ env, reports, chromium }: RunContext): Promise<StageResult> {
  if (chromium === undefined) return failedStage("No Chromium could be found or installed.");
  if (!existsSync(".next/BUILD_ID")) return failedStage("There is no production build to test.");
  const report = `${reports}/e2e.json`;
  const failure = await runCommand({
    stage: "e2e",
    args: ["node_modules/@playwright/test/cli.js", "test"],
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
    timeoutMs: longMs,
  });
  return readPlaywrightReport(report, failure);
}
