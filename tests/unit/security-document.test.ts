import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

type Row = { id: string; answer: string; text: string };

/** Parses the rows of the tables: requirement, answer, implementation and test or a reason. */
function parseRows(markdown: string): Row[] {
  return [...markdown.matchAll(/^\| (\d+\.\d+\.\d+) \| ([^|]+) \| (.*) \|$/gm)].map(
    ([, id = "", answer = "", text = ""]) => ({ id, answer, text }),
  );
}

const pathsIn = (text: string) => [...text.matchAll(/`([^`]+\.\w+)`/g)].map((match) => match[1] ?? "");
const isTest = (path: string) => /\.(test|spec)\.ts$/.test(path);

const rows = parseRows(readFileSync("docs/security.md", "utf8"));

test("every requirement of ASVS 5.0 levels 1 and 2 has one row", () => {
  expect(rows).toHaveLength(253);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(253);
});

test("a met requirement names its implementation and a test, every other one has a reason", () => {
  const incomplete = rows.filter(({ answer, text }) => {
    const paths = pathsIn(text);
    if (answer === "yes") return !paths.some(isTest) || paths.every(isTest);
    return !["no", "not applicable"].includes(answer) || !text.endsWith(".");
  });
  expect(incomplete).toEqual([]);
});

test("every named path exists", () => {
  const named = new Set(rows.flatMap(({ text }) => pathsIn(text)));
  expect(named.size).toBeGreaterThan(60);
  expect([...named].filter((path) => !existsSync(path))).toEqual([]);
});
