import { expect, test } from "vitest";
import { countAnswers } from "#app/(public)/pricing/typical-answers.ts";

test.each([
  [500_000, 3_420, 140],
  [15_000_000, 3_420, 4_300],
  [100_000_000, 3_420, 29_000],
  [10_000, 3_420, 2],
  [1_000, 3_420, 0],
])("%d micro-USD at %d each pay for about %d answers", (creditMicros, costMicros, answers) => {
  expect(countAnswers(creditMicros, costMicros)).toBe(answers);
});
