import { expect, test } from "vitest";
import { needsHighlighter, needsMath } from "#app/(workspace)/chat/_markdown/needed-plugins.ts";

test("needsMath is true only for double dollars, not for prices", () => {
  expect(["$5 and $10", "It costs $5.", "US$ 5", "$x$", ""].filter(needsMath)).toEqual([]);
  expect(["$$x^2$$", "so\n$$\n\\int_0^1 x\n$$"].filter((text) => !needsMath(text))).toEqual([]);
});

test("needsHighlighter is true only for code blocks with a language", () => {
  expect(["`x`", "```\nplain\n```", "no ```js here", ""].filter(needsHighlighter)).toEqual([]);
  expect(
    ["```ts\n1\n```", "text\n  ~~~ python\n", "``` c++"].filter((text) => !needsHighlighter(text)),
  ).toEqual([]);
});
