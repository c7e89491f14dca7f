import fc from "fast-check";
import { expect, test } from "vitest";
import { axisTicks } from "#app/_ui/charts/axis-ticks.ts";

test("an axis has round steps up to the first one that reaches the largest value", () => {
  expect(axisTicks(1_234_567)).toEqual([0, 500_000, 1_000_000, 1_500_000]);
  expect(axisTicks(90)).toEqual([0, 25, 50, 75, 100]);
  expect(axisTicks(7)).toEqual([0, 2, 4, 6, 8]);
});

test("an axis of small counts has no fractions", () => {
  expect(axisTicks(0)).toEqual([0, 1]);
  expect(axisTicks(1)).toEqual([0, 1]);
  expect(axisTicks(9)).toEqual([0, 5, 10]);
});

test("an axis starts at zero, contains every value and has at most the allowed steps", () => {
  fc.assert(
    fc.property(fc.nat(10 ** 12), fc.integer({ min: 1, max: 6 }), (largest, maxSteps) => {
      const ticks = axisTicks(largest, maxSteps);
      expect(ticks[0]).toBe(0);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(largest);
      expect(ticks.length).toBeLessThanOrEqual(maxSteps + 1);
      expect(ticks.every(Number.isInteger)).toBe(true);
    }),
  );
});
