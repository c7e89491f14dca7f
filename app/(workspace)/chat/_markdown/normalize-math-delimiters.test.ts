import { expect, test } from "vitest";
import { normalizeMathDelimiters } from "#app/(workspace)/chat/_markdown/normalize-math-delimiters.ts";

test("normalizeMathDelimiters replaces inline and display delimiters by double dollars", () => {
  expect(normalizeMathDelimiters("The roots \\( x^2 \\) are \\(a\\).")).toBe("The roots $$x^2$$ are $$a$$.");
  expect(normalizeMathDelimiters("So\n\\[\n\\int_0^1 x\\,dx\n\\]\nholds")).toBe(
    "So\n\n$$\n\\int_0^1 x\\,dx\n$$\n\nholds",
  );
});

test("normalizeMathDelimiters keeps a formula inside its list item", () => {
  expect(normalizeMathDelimiters("1. Area:\n   \\[ a b \\]")).toBe("1. Area:\n\n   $$\n   a b\n   $$\n");
});

test("normalizeMathDelimiters does not change code, closed or unclosed", () => {
  for (const text of [
    "```tex\n\\(x\\)\n```",
    "~~~\n\\[x\\]\n~~~\n",
    "```sh\nsed 's/\\(a\\)/b/'",
    "use `\\(x\\)` here",
    "and ``a ` \\(x\\)`` too",
  ])
    expect(normalizeMathDelimiters(text)).toBe(text);
});

test("normalizeMathDelimiters does not change unclosed math and other brackets", () => {
  for (const text of ["half \\(x", "half \\[ x", "a \\) b", "f(x) and [y]"])
    expect(normalizeMathDelimiters(text)).toBe(text);
});

test("normalizeMathDelimiters replaces math next to code", () => {
  expect(normalizeMathDelimiters("\\(a\\) `\\(b\\)` \\(c\\)")).toBe("$$a$$ `\\(b\\)` $$c$$");
  expect(normalizeMathDelimiters("```\n\\(a\\)\n```\n\\(b\\)")).toBe("```\n\\(a\\)\n```\n$$b$$");
});
