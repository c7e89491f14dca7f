import fc from "fast-check";
import { expect, test } from "vitest";
import { createSections } from "#app/(workspace)/chat/_markdown/answer-sections.ts";

const prose = (nr: number) => `Paragraph ${nr} ${"with words ".repeat(40)}end.`;
const code = (lines: number) => `\`\`\`ts\n${"const a = 1;\n\n".repeat(lines)}\`\`\``;
const block = fc.oneof(
  fc.nat(99).map(prose),
  fc.nat(60).map(code),
  fc.nat(80).map((items) => "- item with **bold** text\n".repeat(items + 1)),
  fc.nat(80).map((rows) => `| a | b |\n|---|---|\n${"| 1 | 2 |\n".repeat(rows)}`),
  fc.constantFrom(
    "$$\nx^2\n\ny\n$$",
    "# Heading",
    "> quote\n\n> more",
    "[a]: https://example.com",
    "See [a].",
  ),
);
const answer = fc.array(block, { maxLength: 40 }).map((blocks) => blocks.join("\n\n"));

test("the sections of an answer do not depend on the steps in which it arrived", () => {
  fc.assert(
    fc.property(answer, fc.array(fc.nat(4_000), { maxLength: 20 }), (text, steps) => {
      const split = createSections();
      for (const length of [...steps].sort((a, b) => a - b)) split(text.slice(0, length));
      expect(split(text)).toEqual(createSections()(text));
    }),
  );
});

test("a closed section never changes while text without definitions is added", () => {
  const text = Array.from({ length: 60 }, (_, nr) => `${prose(nr)}\n\n${code(3)}`).join("\n\n");
  const split = createSections();
  let before: readonly string[] = [];
  for (let length = 0; length <= text.length; length += 97) {
    const sections = split(text.slice(0, length));
    expect(sections.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
    expect(sections.join("")).toBe(text.slice(0, length));
    expect(sections.at(-1)?.length).toBeLessThan(4_000);
    before = sections;
  }
  expect(before.length).toBeGreaterThan(8);
});

test("a block of code, a formula and a folded part are in one section each", () => {
  const inner = "Text that follows an empty line.\n\n".repeat(90);
  for (const whole of [
    `\`\`\`md\n\`\`\`js\na\n\`\`\`\n\n${inner}\`\`\``,
    `$$\n${inner}$$`,
    `<details>\n\n${inner}</details>`,
  ])
    expect(
      createSections()(`${prose(1)}\n\n${whole}\n\nEnd`).filter((part) => part.includes("empty line")),
    ).toHaveLength(1);
});

test("a long list is cut before an item, and a long table repeats its header", () => {
  const items = createSections()("- item with **bold** text\n".repeat(1_000));
  expect(items.length).toBeGreaterThan(3);
  expect(items.every((part) => part.startsWith("- item"))).toBe(true);
  const rows = createSections()(`| a | b |\n|---|---|\n${"| 1 | 2 |\n".repeat(2_000)}`);
  expect(rows.length).toBeGreaterThan(2);
  expect(rows.every((part) => part.startsWith("| a | b |\n|---|---|\n| 1"))).toBe(true);
});

test("a link that is defined in a later section gets its definition, and no other section does", () => {
  const definition = "[guide]: https://example.com/guide";
  const text = `See [the guide][Guide].\n\n${Array.from({ length: 20 }, (_, nr) => prose(nr)).join("\n\n")}`;
  const split = createSections();
  expect(split(text)[0]).not.toContain(definition);
  const sections = split(`${text}\n\n${definition}\n\nEnd`);
  expect(sections[0]).toContain(definition);
  expect(sections.filter((part) => part.includes(definition))).toHaveLength(2);
  expect(split(`${text}\n\n${definition}\n\n\`\`\`\n[guide]`).at(-1)?.endsWith("```\n[guide]")).toBe(true);
});
