import { expect, test } from "vitest";
import { formatCount } from "#app/_ui/formats/format-count.ts";

test("formatCount uses the singular for one and groups thousands", () => {
  expect([0, 1, 2, 1_200].map((count) => formatCount(count, "answer"))).toEqual([
    "0 answers",
    "1 answer",
    "2 answers",
    "1,200 answers",
  ]);
});
