import fc from "fast-check";
import { expect, test } from "vitest";
import { nextIndex, windowOf } from "#app/(workspace)/_shell/conversations/window-rows.ts";

test("the window contains every visible row and stays small with 10,000 rows", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 10_000, noNaN: true }),
      fc.double({ min: 1, max: 40, noNaN: true }),
      fc.integer({ min: 1, max: 10_000 }),
      (top, height, count) => {
        const { from, to } = windowOf(top, height, count);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(from).toBeLessThanOrEqual(Math.min(Math.floor(top), count - 1));
        expect(to).toBeGreaterThanOrEqual(Math.min(count, Math.ceil(top + height)));
        expect(Math.min(to, count) - from).toBeLessThanOrEqual(66);
      },
    ),
  );
});

test("keys move between the rows that take the focus, and stop at both ends", () => {
  const stops = [1, 2, 4];
  const move = (key: string, index: number) => nextIndex(key, index, (at) => stops.includes(at), 6, 10);
  expect(move("ArrowDown", 2)).toBe(4);
  expect(move("ArrowDown", 4)).toBeNull();
  expect(move("ArrowUp", 4)).toBe(2);
  expect(move("ArrowUp", 1)).toBeNull();
  expect(move("Home", 4)).toBe(1);
  expect(move("End", 1)).toBe(4);
  expect(move("PageDown", 1)).toBe(4);
  expect(move("PageUp", 4)).toBe(1);
  expect(move("a", 4)).toBeNull();
});
