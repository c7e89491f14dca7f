import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

export type TimedTest = { name: string; durationMs: number };

export type StageResult = {
  passed: number;
  failed: number;
  failures: string[];
  /** Every test that ran, for the list of the slowest ones. */
  tests: TimedTest[];
};

type VitestReport = {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { status: string; fullName: string; duration?: number | null }[];
  }[];
};

type PlaywrightSuite = {
  title: string;
  suites?: PlaywrightSuite[];
  specs?: { title: string; ok: boolean; tests: { projectName: string; results: { duration: number }[] }[] }[];
};

type PlaywrightReport = {
  stats: { expected: number; unexpected: number; flaky: number };
  errors: { message?: string }[];
  suites: PlaywrightSuite[];
};

type OrdersReport = { passed: number; failedSeeds: number[] };

const noReport = "The stage ended without a report.";

/** Reads Vitest's JSON report. @param failure why the process failed, null when it did not */
export function readVitestReport(path: string, failure: string | null): StageResult {
  const report = readJson<VitestReport>(path);
  if (report === null) return failedStage(failure ?? noReport);
  const failures = report.testResults.flatMap((file) => [
    // A file that cannot be loaded fails without a failed test.
    ...(file.status === "failed" && file.assertionResults.length === 0
      ? [`${file.name}: ${file.message}`]
      : []),
    ...file.assertionResults
      .filter((test) => test.status === "failed")
      .map((test) => `${relative(process.cwd(), file.name)}: ${test.fullName}`),
  ]);
  const tests = report.testResults.flatMap((file) =>
    file.assertionResults.map((test) => ({
      name: `${relative(process.cwd(), file.name)}: ${test.fullName}`,
      durationMs: test.duration ?? 0,
    })),
  );
  const counted = Math.max(report.numFailedTests, failures.length);
  return withFailure({ passed: report.numPassedTests, failed: counted, failures, tests }, failure);
}

/** Reads Playwright's JSON report. A flaky test counts as failed. */
export function readPlaywrightReport(path: string, failure: string | null): StageResult {
  const report = readJson<PlaywrightReport>(path);
  if (report === null) return failedStage(failure ?? noReport);
  const specs = report.suites.flatMap((suite) => specsOf(suite, suite.title));
  const result = {
    passed: report.stats.expected,
    failed: report.stats.unexpected + report.stats.flaky,
    failures: [
      ...report.errors.map(({ message }) => message ?? "an error without a message"),
      ...specs.filter(({ ok }) => !ok).map(({ name }) => name),
    ],
    tests: specs.flatMap(({ tests }) => tests),
  };
  return withFailure(result, failure);
}

/** Reads the report of tests/orders/run.ts. Each history counts as one test. */
export function readOrdersReport(path: string, failure: string | null): StageResult {
  const report = readJson<OrdersReport>(path);
  if (report === null) return failedStage(failure ?? noReport);
  const failures = report.failedSeeds.map((seed) => `npm run test:orders -- --histories 1 --seed ${seed}`);
  return withFailure({ passed: report.passed, failed: failures.length, failures, tests: [] }, failure);
}

export function failedStage(reason: string): StageResult {
  return { passed: 0, failed: 1, failures: [reason], tests: [] };
}

/**
 * A process that failed makes its stage fail, also when its report names no failed test or no test at all.
 */
function withFailure(result: StageResult, failure: string | null): StageResult {
  if (result.failed > 0) return result;
  if (failure === null && result.passed > 0) return result;
  return { ...result, failed: 1, failures: [...result.failures, failure ?? "No test ran."] };
}

function specsOf(suite: PlaywrightSuite, file: string): { name: string; ok: boolean; tests: TimedTest[] }[] {
  const own = (suite.specs ?? []).map(({ title, ok, tests }) => ({
    name: `${file}: ${title}`,
    ok,
    tests: tests.map(({ projectName, results }) => ({
      name: `${file} (${projectName}): ${title}`,
      durationMs: results.reduce((sum, { duration }) => sum + duration, 0),
    })),
  }));
  return [...own, ...(suite.suites ?? []).flatMap((inner) => specsOf(inner, file))];
}

function readJson<T>(path: string): T | null {
  if (!existsSync(path)) return null;
  try {
    // Written by the test runner that the stage has just run; the types name the parts that are read.
    return JSON.parse(readFileSync(path, "utf8")) as T;
  } catch {
    return null;
  }
}
