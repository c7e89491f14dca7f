import { expect, test } from "vitest";
import { sayCount } from "#app/_ui/say-count.ts";

test("one thing is one thing, and large numbers are grouped", () => {
  expect([0, 1, 2, 1_200].map((count) => sayCount(count, "answer"))).toEqual([
    "0 answers",
    "1 answer",
    "2 answers",
    "1,200 answers",
  ]);
});
