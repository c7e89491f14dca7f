import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { amountOff, distribute } from "#sandbox/stripe/discounts/apply-discounts.ts";

const terms = (percentOff: number | null, amountsOff: Record<string, number> = {}) => ({
  id: "di_1",
  amountsOff,
  duration: "once" as const,
  endsAt: null,
  percentOff,
  products: null,
});

describe("applying discounts", () => {
  test("a percentage discount is rounded half up to the cent", () => {
    expect(amountOff(terms(25.5), 1900, "usd")).toBe(485);
    expect(amountOff(terms(25.5), 1898, "usd")).toBe(484);
    expect(amountOff(terms(50), 1, "usd")).toBe(1);
    expect(amountOff(terms(33.3333), 10_000_001, "usd")).toBe(3_333_330);
  });

  test("a discount never exceeds the amount and applies only in its own currency", () => {
    expect(amountOff(terms(100), 999, "usd")).toBe(999);
    expect(amountOff(terms(null, { usd: 500 }), 300, "usd")).toBe(300);
    expect(amountOff(terms(null, { usd: 500 }), 300, "eur")).toBe(0);
  });

  test("the shares of a discount add up to it and none exceeds its line", () => {
    const amounts = fc.array(fc.nat({ max: 100_000_000 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(amounts, fc.double({ min: 0, max: 1, noNaN: true }), (weights, part) => {
        const sum = weights.reduce((total, weight) => total + weight, 0);
        const amount = Math.floor(sum * part);
        const shares = distribute(amount, weights);
        expect(shares.reduce((total, share) => total + share, 0)).toBe(amount);
        for (const [at, share] of shares.entries()) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(weights[at] ?? 0);
        }
      }),
    );
  });
});
