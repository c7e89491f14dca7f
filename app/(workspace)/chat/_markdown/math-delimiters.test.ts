import { expect, test } from "vitest";
import { doubleDollars } from "#app/(workspace)/chat/_markdown/math-delimiters.ts";

test("mathematics as most models write it becomes mathematics as it is read here", () => {
  expect(doubleDollars("The roots \\( x^2 \\) are \\(a\\).")).toBe("The roots $$x^2$$ are $$a$$.");
  expect(doubleDollars("So\n\\[\n\\int_0^1 x\\,dx\n\\]\nholds")).toBe(
    "So\n\n$$\n\\int_0^1 x\\,dx\n$$\n\nholds",
  );
});

test("a formula in an item of a list stays in it", () => {
  expect(doubleDollars("1. Area:\n   \\[ a b \\]")).toBe("1. Area:\n\n   $$\n   a b\n   $$\n");
});

test("code is left alone, in blocks and in lines, closed or still being written", () => {
  for (const text of [
    "```tex\n\\(x\\)\n```",
    "~~~\n\\[x\\]\n~~~\n",
    "```sh\nsed 's/\\(a\\)/b/'",
    "use `\\(x\\)` here",
    "and ``a ` \\(x\\)`` too",
  ])
    expect(doubleDollars(text)).toBe(text);
});

test("what is not closed yet, and brackets of other kinds, stay as they are", () => {
  for (const text of ["half \\(x", "half \\[ x", "a \\) b", "f(x) and [y]"])
    expect(doubleDollars(text)).toBe(text);
});

test("mathematics around code is still found", () => {
  expect(doubleDollars("\\(a\\) `\\(b\\)` \\(c\\)")).toBe("$$a$$ `\\(b\\)` $$c$$");
  expect(doubleDollars("```\n\\(a\\)\n```\n\\(b\\)")).toBe("```\n\\(a\\)\n```\n$$b$$");
});
