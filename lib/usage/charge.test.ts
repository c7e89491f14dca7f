import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chargeMicros, holdFor, type Rates } from "#lib/usage/charge.ts";

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

describe("M6: the charge of an answer", () => {
  it("is tokens times rates, rounded up once", () => {
    expect(chargeMicros(rates, { promptTokens: 1, cachedTokens: 0, completionTokens: 1 })).toBe(7);
    expect(chargeMicros(rates, { promptTokens: 1_000_000, cachedTokens: 400_000, completionTokens: 0 })).toBe(
      576_000,
    );
    expect(chargeMicros(rates, { promptTokens: 0, cachedTokens: 0, completionTokens: 0 })).toBe(0);
  });

  it("never counts more cached tokens than the prompt has", () => {
    expect(chargeMicros(rates, { promptTokens: 10, cachedTokens: 99, completionTokens: 0 })).toBe(1);
  });
});

describe("M2: what is held for an answer", () => {
  it("is the prompt and the longest answer, where the credit covers it", () => {
    expect(
      holdFor({ price: rates, promptTokens: 1_000, maxOutputTokens: 100, availableMicros: 1_000_000 }),
    ).toEqual({
      amountMicros: 1_440,
      maxCompletionTokens: 100,
      clamped: false,
    });
  });

  it("is refused where not even the prompt and one token fit", () => {
    expect(
      holdFor({ price: rates, promptTokens: 1_000, maxOutputTokens: 100, availableMicros: 905 }),
    ).toBeNull();
    expect(
      holdFor({ price: rates, promptTokens: 1_000, maxOutputTokens: 100, availableMicros: -1 }),
    ).toBeNull();
    expect(
      holdFor({ price: rates, promptTokens: 1_000, maxOutputTokens: 100, availableMicros: 906 }),
    ).not.toBeNull();
  });

  it("always pays for every token that it allows, and is never above what is available", () => {
    fc.assert(
      fc.property(
        anyRates,
        tokens,
        tokens,
        fc.nat(1_000_000_000),
        (price, promptTokens, maxOutputTokens, availableMicros) => {
          const hold = holdFor({ price, promptTokens, maxOutputTokens, availableMicros });
          if (hold === null) return;
          const { amountMicros, maxCompletionTokens } = hold;
          expect(amountMicros).toBeLessThanOrEqual(availableMicros);
          const spent = chargeMicros(price, {
            promptTokens,
            cachedTokens: 0,
            completionTokens: Math.min(maxCompletionTokens, maxOutputTokens),
          });
          expect(spent).toBeLessThanOrEqual(amountMicros);
        },
      ),
    );
  });
});
