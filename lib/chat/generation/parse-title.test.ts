import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTitle } from "#lib/chat/generation/parse-title.ts";

test("parseTitle strips quotes and markup from the model's answer, and returns null when no title is left", () => {
  expect(parseTitle('Title: "Night trains to Lisbon."\nMore')).toBe("Night trains to Lisbon");
  expect(parseTitle("**Bread**")).toBe("Bread");
  for (const nothing of ["", "***", "  ", "\0"]) expect(parseTitle(nothing)).toBeNull();
});

test.each([
  ["thinking before it", "<think>The user asks about trains.\nSo:</think>\n\nNight trains", "Night trains"],
  ["only thinking, cut at the limit", "<think>The user asks about", null],
  ["a fence", "```\nNight trains\n```", "Night trains"],
  ["a fence with a language", '```json\n{"title": "Night trains"}\n```', "Night trains"],
  ["JSON", '{"title": "Night trains"}', "Night trains"],
  ["JSON in a list", '[{"title":"Night trains"}]', "Night trains"],
  ["another field", '{"conversation_title":"Night trains"}', "Night trains"],
  ["a JSON text", '"Night trains"', "Night trains"],
  ["JSON that was cut", '{"title": "Night trains to', "Night trains to"],
  ["a heading", "# Title: Night trains", "Night trains"],
  ["an empty first line", "\n---\nNight trains", "Night trains"],
])("C4: parseTitle finds the title in an answer with %s", (_name, answer, title) => {
  expect(parseTitle(answer)).toBe(title);
});

test("C4: a long title ends between characters", () => {
  expect(parseTitle(`${"a".repeat(79)}😀`)).toBe("a".repeat(79));
  expect(parseTitle(`${"a".repeat(75)}👩‍🚀 b`)).toBe(`${"a".repeat(75)}👩‍🚀`);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (answer) => {
      const title = parseTitle(answer) ?? "";
      expect(title.length).toBeLessThanOrEqual(80);
      expect(title.isWellFormed()).toBe(true);
    }),
  );
});
