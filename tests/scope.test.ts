import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

type Row = { decision: string; file: string; test: string };

const document = readFileSync("docs/technical-scope.md", "utf8");

/** The rows of every table: the last two cells are where it is built and where it is proved. */
function rowsOf(markdown: string): Row[] {
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
/** "not yet", or paths and nothing else. */
const isAnswer = (cell: string) => cell === "not yet" || /^(`[^`]+`\s?)+$/.test(cell);

const rows = rowsOf(document);

test("all eight sections of the scope are there, with every decision", () => {
  expect([...document.matchAll(/^## (\d) /gm)].map((match) => match[1])).toEqual("12345678".split(""));
  expect(rows.length).toBeGreaterThan(85);
});

describe.each(rows)("$decision", ({ file, test: proof }) => {
  test("says where it is built and what proves it, or that it is not yet", () => {
    expect([file, proof].filter((cell) => !isAnswer(cell))).toEqual([]);
  });
  test("names only what exists", () => {
    expect(pathsIn(`${file} ${proof}`).filter((path) => !existsSync(path))).toEqual([]);
  });
  test("is not proved before it is built", () => {
    expect(file === "not yet" && proof !== "not yet").toBe(false);
  });
});

test("a lost path and an empty cell would be seen", () => {
  const [row] = rowsOf("| a | `lib/nowhere.ts` |  |");
  expect(pathsIn(row?.file ?? "").filter((path) => !existsSync(path))).toEqual(["lib/nowhere.ts"]);
  expect(isAnswer(row?.test ?? "")).toBe(false);
});
