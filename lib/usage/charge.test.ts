import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chargeMicros, holdFor, maxCompletionTokens, type Rates } from "#lib/usage/charge.ts";

const rates: Rates = {
  inputMicrosPerMillion: 900_000,
  cachedInputMicrosPerMillion: 90_000,
  outputMicrosPerMillion: 5_400_000,
};
const anyRates = fc.record({
  inputMicrosPerMillion: fc.nat(50_000_000),
  cachedInputMicrosPerMillion: fc.nat(50_000_000),
  outputMicrosPerMillion: fc.nat(200_000_000),
});
const tokens = fc.nat(1_000_000);

describe("charge of an answer (M6)", () => {
  it("the charge is tokens times rates, rounded up once", () => {
    expect(chargeMicros(rates, { promptTokens: 1, cachedTokens: 0, completionTokens: 1 })).toBe(7);
    expect(chargeMicros(rates, { promptTokens: 1_000_000, cachedTokens: 400_000, completionTokens: 0 })).toBe(
      576_000,
    );
    expect(chargeMicros(rates, { promptTokens: 0, cachedTokens: 0, completionTokens: 0 })).toBe(0);
  });

  it("the charge never counts more cached tokens than the prompt has", () => {
    expect(chargeMicros(rates, { promptTokens: 10, cachedTokens: 99, completionTokens: 0 })).toBe(1);
  });

  it("the charge equals exact integer arithmetic for any rates and tokens", () => {
    fc.assert(
      fc.property(anyRates, tokens, tokens, tokens, (price, promptTokens, cachedTokens, completionTokens) => {
        const cached = BigInt(Math.min(cachedTokens, promptTokens));
        const total =
          (BigInt(promptTokens) - cached) * BigInt(price.inputMicrosPerMillion) +
          cached * BigInt(price.cachedInputMicrosPerMillion) +
          BigInt(completionTokens) * BigInt(price.outputMicrosPerMillion);
        const exact = Number((total + 999_999n) / 1_000_000n);
        expect(chargeMicros(price, { promptTokens, cachedTokens, completionTokens })).toBe(exact);
      }),
    );
  });
});

describe("hold of an answer (M2)", () => {
  const scope = { price: rates, promptTokens: 1_000, maxOutputTokens: 100 };

  it("a hold covers the prompt and the longest answer, and at least one token of an answer", () => {
    expect(holdFor(scope)).toEqual({ amountMicros: 1_440, minimumMicros: 906 });
    expect(holdFor({ ...scope, maxOutputTokens: 0 })).toEqual({ amountMicros: 900, minimumMicros: 900 });
  });

  it("a full hold pays for the longest answer, a minimum hold for one token", () => {
    expect(maxCompletionTokens(scope, 1_440)).toBe(100);
    expect(maxCompletionTokens(scope, 1_439)).toBe(99);
    expect(maxCompletionTokens(scope, 906)).toBe(1);
    expect(maxCompletionTokens({ ...scope, maxOutputTokens: 0 }, 900)).toBe(0);
  });

  it("a hold between minimum and full amount pays for every token that it allows", () => {
    fc.assert(
      fc.property(
        anyRates,
        tokens,
        tokens,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (price, promptTokens, maxOutputTokens, share) => {
          const anyScope = { price, promptTokens, maxOutputTokens };
          const { amountMicros, minimumMicros } = holdFor(anyScope);
          const heldMicros = minimumMicros + Math.floor((amountMicros - minimumMicros) * share);
          const completionTokens = maxCompletionTokens(anyScope, heldMicros);
          expect(completionTokens).toBeGreaterThanOrEqual(Math.min(1, maxOutputTokens));
          expect(completionTokens).toBeLessThanOrEqual(maxOutputTokens);
          const charge = chargeMicros(price, { promptTokens, cachedTokens: 0, completionTokens });
          expect(charge).toBeLessThanOrEqual(heldMicros);
        },
      ),
    );
  });
});
