import { expect, test } from "vitest";
import { checkJsonLimits } from "#app/_http/json-limits.ts";

const check = (text: string) => () => checkJsonLimits(Buffer.from(text));
const nest = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const badRequest = expect.objectContaining({ code: "bad_request" });

test("D16: JSON may be nested 64 levels deep and no deeper", () => {
  expect(check(nest(64))).not.toThrow();
  expect(check(nest(65))).toThrow(badRequest);
  expect(check(`{"a":`.repeat(20_000))).toThrow(badRequest);
  expect(check("[[],[]],".repeat(1_000))).not.toThrow();
});

test("S1: JSON may have 100,000 values and no more", () => {
  const list = (length: number) => `[${Array.from({ length }, () => "{}").join(",")}]`;
  expect(check(list(49_000))).not.toThrow();
  expect(check(list(100_000))).toThrow(badRequest);
  expect(check(`{${Array.from({ length: 100_000 }, (_, key) => `"${key}":1`).join(",")}}`)).toThrow(
    badRequest,
  );
});

test.each([
  ["brackets and commas", `"${"[{,".repeat(100_000)}"`],
  ["escaped quotes", JSON.stringify('"['.repeat(100_000))],
  ["backslashes before the closing quote", `["${"\\\\".repeat(1_000)}",${nest(60)}]`],
  ["characters of several bytes", JSON.stringify("中👩[".repeat(100_000))],
])("text with %s inside of strings is within the limits", (_name, json) => {
  expect(check(json)).not.toThrow();
  expect(() => JSON.parse(json)).not.toThrow();
});

test("malformed JSON is left to the parser", () => {
  for (const json of ['"', '"\\', "]]]]", "", "{"]) expect(check(json)).not.toThrow();
});
