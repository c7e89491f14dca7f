import fc from "fast-check";
import { expect, test } from "vitest";
import { findUnsafeValue } from "#lib/core/unsafe-value.ts";

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
const circular: Record<string, unknown> = {};
circular.self = circular;
/** Every level names the next one twice: 2^60 paths. */
const shared = (depth: number): unknown => {
  let value: unknown = "end";
  for (let level = 0; level < depth; level++) value = [value, value];
  return value;
};

test.each([
  ["a NUL character", { name: "a\0b" }, "name"],
  ["an unpaired surrogate", { list: ["fine", "\ud83d"] }, "list.1"],
  ["a NUL character in a field's name", { "a\0": 1 }, "a\u{fffd}"],
  ["the year 275,760", { until: new Date("+275760-01-01T00:00:00Z") }, "until"],
  ["a date before 1970", new Date(-1e14), ""],
  ["an invalid date", new Date("never"), ""],
  ["65 levels", nested(66), "0.0.0.0.0.0.0.0"],
])("S13: %s is refused with its path", (_name, value, path) => {
  expect(findUnsafeValue(value)).toMatchObject({ path });
});

test.each([
  ["64 levels", nested(64)],
  ["a circular reference", circular],
  ["shared references", shared(60)],
  ["a date of this century", { at: new Date("2026-11-30T00:00:00Z") }],
  ["a file", new Blob(["\0"])],
])("%s is accepted", (_name, value) => {
  expect(findUnsafeValue(value)).toBeNull();
});

test("JSON of well-formed text without NUL is accepted", () => {
  const anyText = fc
    .string({ unit: "grapheme" })
    .filter((text) => !text.includes("\0") && text.isWellFormed());
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), anyText, (json, text) => {
      const value = JSON.parse(JSON.stringify(json).replaceAll(/\\u(0000|d[89a-f]..)/gi, ""));
      expect(findUnsafeValue([value, text])).toBeNull();
    }),
  );
});
