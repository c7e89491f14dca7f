import { expect, test } from "vitest";
import { wantsCode, wantsMath } from "#app/(workspace)/chat/_markdown/wanted-plugins.ts";

test("prices are no mathematics: only what stands between double dollars loads it", () => {
  expect(["$5 and $10", "It costs $5.", "US$ 5", "$x$", ""].filter(wantsMath)).toEqual([]);
  expect(["$$x^2$$", "so\n$$\n\\int_0^1 x\n$$"].filter((text) => !wantsMath(text))).toEqual([]);
});

test("a block of code in a language loads the highlighter; plain blocks and code in a line do not", () => {
  expect(["`x`", "```\nplain\n```", "no ```js here", ""].filter(wantsCode)).toEqual([]);
  expect(["```ts\n1\n```", "text\n  ~~~ python\n", "``` c++"].filter((text) => !wantsCode(text))).toEqual([]);
});
