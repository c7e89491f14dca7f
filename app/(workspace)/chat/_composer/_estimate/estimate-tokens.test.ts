import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { estimateTokens } from "#app/(workspace)/chat/_composer/_estimate/estimate-tokens.ts";
import { countText } from "#lib/usage/tokens.ts";
import { sampleTexts } from "#tests/fixtures/sample-texts.ts";

test.each(Object.entries(sampleTexts))("the estimate of %s is within 30 % of the count", (_name, text) => {
  const ratio = estimateTokens(text) / countText("gpt-5.4-mini", text);
  expect(ratio).toBeGreaterThan(0.7);
  expect(ratio).toBeLessThan(1.3);
});

test("a draft of a megabyte is sampled: the work is bounded, and the estimate grows with the length", () => {
  const text = (sampleTexts.English ?? "").repeat(5_000).slice(0, 1_000_000);
  const read = vi.spyOn(String.prototype, "charCodeAt");
  const estimate = estimateTokens(text);
  expect(read.mock.calls.length).toBeLessThanOrEqual(16_384);
  read.mockRestore();
  const whole =
    (countText("gpt-5.4-mini", sampleTexts.English ?? "") * 1_000_000) / (sampleTexts.English ?? "").length;
  expect(estimate / whole).toBeGreaterThan(0.8);
  expect(estimate / whole).toBeLessThan(1.2);
});

test("any text has an estimate between zero and two tokens per code unit, and an empty one has none", () => {
  expect(estimateTokens("")).toBe(0);
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
      const tokens = estimateTokens(text);
      expect(Number.isInteger(tokens)).toBe(true);
      expect(tokens).toBeGreaterThanOrEqual(0);
      expect(tokens).toBeLessThanOrEqual(2 * text.length);
    }),
  );
});

test("an estimate does not fall when words are added", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("one ", "zwei ", "три ", "四", "5 ", "🙂"), { maxLength: 80 }),
      (words) => {
        const before = estimateTokens(words.slice(0, -1).join(""));
        expect(estimateTokens(words.join(""))).toBeGreaterThanOrEqual(before);
      },
    ),
  );
});
