import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

type Row = { decision: string; file: string; test: string };

const document = readFileSync("docs/technical-scope.md", "utf8");

/** Parses the rows of every table; the last two cells name the implementing file and the test. */
function parseRows(markdown: string): Row[] {
  return markdown
    .split("\n")
    .filter(
      (line) => line.startsWith("| ") && !/^\|[\s|-]+\|$/.test(line) && !/\| file \| test \|$/.test(line),
    )
    .map((line) =>
      line
        .slice(1, -1)
        .split(" | ")
        .map((cell) => cell.trim()),
    )
    .map((cells) => ({
      decision: cells.slice(0, -2).join(" | "),
      file: cells.at(-2) ?? "",
      test: cells.at(-1) ?? "",
    }));
}

const pathsIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
/** A cell contains "not yet" or only paths. */
const isValidCell = (cell: string) => cell === "not yet" || /^(`[^`]+`\s?)+$/.test(cell);

const rows = parseRows(document);

test("the document has eight sections with all decisions", () => {
  expect([...document.matchAll(/^## (\d) /gm)].map((match) => match[1])).toEqual("12345678".split(""));
  expect(rows.length).toBeGreaterThan(85);
});

describe.each(rows)("scope decision: $decision", ({ file, test: testCell }) => {
  test("its cells name paths or are marked as not yet done", () => {
    expect([file, testCell].filter((cell) => !isValidCell(cell))).toEqual([]);
  });
  test("it names only existing paths", () => {
    expect(pathsIn(`${file} ${testCell}`).filter((path) => !existsSync(path))).toEqual([]);
  });
  test("it has no test before it has an implementation", () => {
    expect(file === "not yet" && testCell !== "not yet").toBe(false);
  });
});

test("a missing path and an empty cell are reported", () => {
  const [row] = parseRows("| a | `lib/nowhere.ts` |  |");
  expect(pathsIn(row?.file ?? "").filter((path) => !existsSync(path))).toEqual(["lib/nowhere.ts"]);
  expect(isValidCell(row?.test ?? "")).toBe(false);
});
