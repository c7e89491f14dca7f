import { expect, test } from "vitest";
import { isTooComplex, splitMarkdown } from "#app/(workspace)/chat/_markdown/split-markdown.ts";

const length = 65_536;
const fill = (part: string) => part.repeat(Math.ceil(length / part.length)).slice(0, length);

test.each([
  ["a list", fill("- item with **bold** text\n")],
  ["a table", `| a | b |\n|---|---|\n${fill("| 1 | 2 |\n")}`],
  ["headings", fill("# a\n\n")],
  ["prose", fill(`${"word ".repeat(60)}\n\n`)],
])("a long answer of %s is cut into blocks of a bounded length", (_name, text) => {
  const blocks = splitMarkdown(text);
  expect(Math.max(...blocks.map((block) => block.length))).toBeLessThan(2_000);
  expect(blocks.length).toBeLessThan(250);
  expect(blocks.filter(isTooComplex)).toEqual([]);
});

test.each([
  ["quotes", `${">".repeat(2_000)} deep`],
  ["lists", Array.from({ length: 100 }, (_, depth) => `${"  ".repeat(depth)}- a`).join("\n")],
  ["emphasis", fill("**********")],
  ["one line", fill("abcdefghij")],
  ["fractions", `$$${"\\frac{1}{".repeat(300)}x${"}".repeat(300)}$$`],
])("%s that would block the page are shown as plain text", (_name, text) => {
  expect(splitMarkdown(text).some(isTooComplex)).toBe(true);
});

test("a table that is cut repeats its header, and code stays in one piece", () => {
  const table = splitMarkdown(`| a | b |\n|---|---|\n${"| 1 | 2 |\n".repeat(2_000)}`);
  expect(table.every((block) => block.startsWith("| a | b |\n|---|---|"))).toBe(true);
  const code = `\`\`\`ts\n${"const a = 1;\n\n".repeat(2_000)}\`\`\``;
  expect(splitMarkdown(`Text\n\n${code}\n\nEnd`)).toContain(code);
});

test("an answer of ordinary length keeps its structure", () => {
  const list = "- item with **bold** text\n".repeat(200);
  expect(splitMarkdown(list).some(isTooComplex)).toBe(false);
});
