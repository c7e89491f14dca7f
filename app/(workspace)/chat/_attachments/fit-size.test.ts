import fc from "fast-check";
import { expect, test } from "vitest";
import { fitSize } from "#app/(workspace)/chat/_attachments/fit-size.ts";

const side = fc.integer({ min: 1, max: 20_000 });

test("an image is never enlarged, and its longest side becomes at most the limit", () => {
  fc.assert(
    fc.property(side, side, (width, height) => {
      const fitted = fitSize({ width, height }, 2_048);
      expect(Math.max(fitted.width, fitted.height)).toBe(Math.min(2_048, Math.max(width, height)));
      expect(Math.min(fitted.width, fitted.height)).toBeGreaterThanOrEqual(1);
      expect(Math.min(fitted.width, fitted.height)).toBeLessThanOrEqual(Math.min(width, height));
    }),
  );
});

test("the proportions of an image are kept", () => {
  expect(fitSize({ width: 4_096, height: 3_072 }, 2_048)).toEqual({ width: 2_048, height: 1_536 });
  expect(fitSize({ width: 100, height: 20_000 }, 2_048)).toEqual({ width: 10, height: 2_048 });
});
