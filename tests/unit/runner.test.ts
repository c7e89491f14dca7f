import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readOrdersReport, readPlaywrightReport, readVitestReport } from "#tests/runner/read-reports.ts";
import { runCommand } from "#tests/runner/run-command.ts";
import { runStages } from "#tests/runner/run-stages.ts";
import type { RunContext, Stage } from "#tests/runner/stages.ts";

const folder = mkdtempSync(join(tmpdir(), "parley-runner-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const context: RunContext = {
  env: process.env,
  reports: folder,
  seed: 1,
  isLong: false,
  chromium: undefined,
  selected: [],
};
const passed = { passed: 1, failed: 0, failures: [], tests: [] };

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

test("a stage starts after the selected stages that it depends on, and no more stages run than there are slots", async () => {
  const events: string[] = [];
  let running = 0;
  let maxRunning = 0;
  const stage = (name: string, after: string[] = []): Stage => ({
    name,
    after,
    run: async () => {
      events.push(`start ${name}`);
      running += 1;
      maxRunning = Math.max(maxRunning, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      events.push(`end ${name}`);
      return passed;
    },
  });
  const list = [stage("types"), stage("build", ["types"]), stage("e2e", ["build", "absent"]), stage("unit")];
  const finished = await runStages(list, context, 2);
  expect(finished).toHaveLength(4);
  expect(maxRunning).toBe(2);
  expect(events.indexOf("start build")).toBeGreaterThan(events.indexOf("end types"));
  expect(events.indexOf("start e2e")).toBeGreaterThan(events.indexOf("end build"));
});

test("a stage that throws counts as failed and the other stages still run", async () => {
  const failing: Stage = { name: "a", after: [], run: () => Promise.reject(new Error("no disk")) };
  const finished = await runStages(
    [failing, { name: "b", after: ["a"], run: async () => passed }],
    context,
    2,
  );
  expect(finished.map(({ name, result }) => [name, result.failed])).toEqual([
    ["a", 1],
    ["b", 0],
  ]);
  expect(finished[0]?.result.failures).toEqual(["no disk"]);
});

test("a missing or truncated report counts as one failure", () => {
  const truncated = write("truncated.json", '{"numPassedTests": 3');
  for (const path of [join(folder, "missing.json"), truncated])
    for (const read of [readVitestReport, readPlaywrightReport, readOrdersReport])
      expect(read(path, null)).toMatchObject({ passed: 0, failed: 1 });
});

test("a failed process counts as a failure although every reported test passed", () => {
  const report = write("passed.json", { numPassedTests: 2, numFailedTests: 0, testResults: [] });
  expect(readVitestReport(report, null)).toMatchObject({ passed: 2, failed: 0 });
  expect(readVitestReport(report, "unit exited with 1.")).toMatchObject({ passed: 2, failed: 1 });
});

test("a run without any test counts as a failure", () => {
  const report = write("empty.json", { numPassedTests: 0, numFailedTests: 0, testResults: [] });
  expect(readVitestReport(report, null)).toMatchObject({ failed: 1, failures: ["No test ran."] });
});

test("flaky browser tests count as failed and nested tests are listed with their file", () => {
  const spec = (title: string, ok: boolean) => ({
    title,
    ok,
    tests: [{ projectName: "desktop", results: [{ duration: 1_500 }, { duration: 500 }] }],
  });
  const report = write("e2e.json", {
    stats: { expected: 1, unexpected: 0, flaky: 1 },
    errors: [],
    suites: [{ title: "a.spec.ts", specs: [], suites: [{ title: "group", specs: [spec("one", true)] }] }],
  });
  expect(readPlaywrightReport(report, null)).toMatchObject({
    passed: 1,
    failed: 1,
    tests: [{ name: "a.spec.ts (desktop): one", durationMs: 2_000 }],
  });
});

test("a command that exceeds its timeout is stopped and reported", async () => {
  const args = ["-e", "setInterval(() => {}, 1000)"];
  const failure = await runCommand({ stage: "hang", args, env: process.env, timeoutMs: 300 });
  expect(failure).toBe("hang was stopped after 0.3 s.");
});
