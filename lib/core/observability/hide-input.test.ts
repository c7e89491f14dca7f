import fc from "fast-check";
import { expect, test } from "vitest";
import { hideInput } from "#lib/core/observability/hide-input.ts";

const prompt = "Tell nobody about the purple elephant.\nIt lives in my garage.";

test.each([
  [`Cannot answer: ${prompt}`, "Cannot answer: [input]"],
  ["Cannot answer: Tell nobody about the purple elephant.", "Cannot answer: [input]"],
  ["Twice: Tell nobody about, Tell nobody about the", "Twice: [input], [input]"],
  [
    'Unexpected token in "purple ele"... is not valid JSON',
    'Unexpected token in "[input]"... is not valid JSON',
  ],
  ["relation 'conversations' does not exist", "relation 'conversations' does not exist"],
])("an error's message %j becomes %j", (message, hidden) => {
  expect(hideInput(message, { messages: [{ role: "user", content: prompt }] })).toBe(hidden);
});

test("ids of the input are kept, because they identify rows", () => {
  const id = "0198b2a0-0000-7000-8000-000000000001";
  expect(hideInput(`no row ${id}`, { id, text: "a message" })).toBe(`no row ${id}`);
});

test("a text of at least 12 characters never appears in a message that contains it", () => {
  const text = fc.string({ minLength: 12, maxLength: 200 });
  fc.assert(
    fc.property(text, fc.string(), fc.string(), (input, before, after) => {
      expect(hideInput(`${before}${input}${after}`, { deep: [{ input }] })).not.toContain(input);
    }),
  );
});

test("a message stays as it is without an input", () => {
  expect(hideInput("failed", undefined)).toBe("failed");
});
