import fc from "fast-check";
import { expect, test } from "vitest";
import { formatMoney, fromCents, toCents, usd } from "#lib/core/money.ts";

const micros = fc.integer({ min: -9_000_000_000_000, max: 9_000_000_000_000 });

test("toCents reverses fromCents", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }),
      (cents) => void expect(toCents(fromCents(cents))).toBe(cents),
    ),
  );
});

test("toCents throws for a fraction of a cent", () => {
  fc.assert(
    fc.property(micros, (amount) => {
      if (amount % 10_000 === 0) expect(toCents(amount) * 10_000).toBe(amount);
      else expect(() => toCents(amount)).toThrow(RangeError);
    }),
  );
});

test("usd returns whole micro-USD", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      (dollars) => void expect(usd(dollars) % 1).toBe(0),
    ),
  );
  expect(usd(0.1) + usd(0.2)).toBe(usd(0.3));
});

test("a formatted amount differs from the exact amount by at most half of its last digit", () => {
  fc.assert(
    fc.property(micros, (amount) => {
      const text = formatMoney(amount);
      expect(text).toMatch(/^-?\$\d{1,3}(,\d{3})*\.\d{2,6}$/);
      const digits = text.split(".")[1]?.length ?? 0;
      const shown = Number(text.replace(/[$,]/g, "")) * 1_000_000;
      expect(Math.abs(shown - amount)).toBeLessThanOrEqual(500_000 / 10 ** digits + 0.01);
    }),
  );
});

test.each([
  [0, "$0.00"],
  [1, "$0.000001"],
  [4_200, "$0.0042"],
  [99_999, "$0.10"],
  [500_000, "$0.50"],
  [19_000_000, "$19.00"],
  [1_234_567_890_000, "$1,234,567.89"],
  [-4_200, "-$0.0042"],
])("%d micro-USD read as %s", (amount, text) => {
  expect(formatMoney(amount)).toBe(text);
});
