import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { countersName, instrument } from "#tests/coverage/instrument.ts";
import {
  findCoverageFailures,
  formatCoverage,
  measureFile,
  toPercent,
} from "#tests/coverage/read-coverage.ts";
import { writeCounters } from "#tests/coverage/write-counters.ts";

const folder = mkdtempSync(join(tmpdir(), "parley-coverage-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const source = `type Shape = { size: number };
const double = (shape: Shape) => ({ size: shape.size * 2 });
function choose(flag: boolean) {
  if (flag) return "yes";
  else if (!flag) for (const part of ["n"]) return part;
  return "never";
}
result = [double({ size: 2 }), choose(false)];
`;

/** Runs an instrumented source, without its types. @returns its result and the lines that ran */
function run(path: string): { result: unknown; missed: number[] } {
  const { code, lines } = instrument(path, source);
  const untyped = code.replace("type Shape = { size: number };", "").replace(/: (Shape|boolean)\b/g, "");
  const result: unknown = new Function(`let result; ${untyped}; return result;`)();
  const counters: Record<string, Uint8Array> = Reflect.get(globalThis, countersName);
  const { missed } = measureFile(path, lines, [[...(counters[path] ?? [])].join("")]);
  return { result, missed };
}

test("an instrumented source does the same, on the same lines, and counts the lines that ran", () => {
  expect(instrument("a.ts", source).code.split("\n")).toHaveLength(source.split("\n").length);
  expect(run("a.ts")).toEqual({ result: [{ size: 4 }, "n"], missed: [6] });
});

test("declarations, directives and fragments of statements are not counted", () => {
  const declarations = `"use strict";\nimport a from "a";\nexport type B = string;\nexport function c() {}\ndeclare const d: B;\n`;
  expect(instrument("b.ts", declarations).lines).toEqual([]);
});

test("a process writes its counters, and a line counts if it ran in any process", () => {
  Reflect.set(globalThis, countersName, { "c.ts": Uint8Array.from([1, 0, 0]) });
  writeCounters(folder);
  Reflect.deleteProperty(globalThis, countersName);
  const written: unknown = JSON.parse(readFileSync(join(folder, `${process.pid}.json`), "utf8"));
  expect(written).toEqual({ "c.ts": "100" });
  expect(measureFile("c.ts", [1, 2, 3], ["100", "010"])).toEqual({ path: "c.ts", lines: 3, missed: [3] });
});

test("a folder below 90 percent fails and names the files that miss most lines", () => {
  const file = (path: string, lines: number, missed: number) => ({
    path,
    lines,
    missed: Array.from({ length: missed }, (_, index) => index + 1),
  });
  const toFolder = (name: string, files: ReturnType<typeof file>[]) => ({
    folder: name,
    percent: toPercent(files),
    files,
  });
  const good = toFolder("lib", [file("lib/a.ts", 100, 5), file("lib/b.ts", 100, 15)]);
  const bad = toFolder("db", [file("db/a.ts", 100, 1), file("db/b.ts", 1_000, 120)]);
  expect(formatCoverage([good, bad])).toBe("coverage  lib 90.0 %, db 89.0 %");
  expect(findCoverageFailures([good, bad])).toEqual([
    "Less than 90 % of the lines of db/ ran; most are missed in db/b.ts (120), db/a.ts (1)",
  ]);
});
