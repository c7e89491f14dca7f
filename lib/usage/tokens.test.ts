import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countText, countTextsInTimeSlices, minimumTokens, startCounter } from "#lib/usage/tokens.ts";

const pieces = fc.array(
  fc.oneof(fc.string({ unit: "grapheme" }), fc.lorem(), fc.constantFrom(" ", "\n\n", "中文", "👩‍👩‍👧")),
);

describe("countText", () => {
  it("countText counts ordinary text, and control tokens as text", () => {
    expect(countText("gpt-5.4", "Hello, world!")).toBe(4);
    expect(countText("gpt-5.4", "<|endoftext|>")).toBeGreaterThan(1);
  });

  it("M6: a counter of a growing answer has the tokens of the whole text", () => {
    fc.assert(
      fc.property(pieces, (texts) => {
        const counter = startCounter("gpt-5.4");
        for (const text of texts) {
          counter.add(text);
          counter.total();
        }
        expect(counter.total()).toBe(countText("gpt-5.4", texts.join("")));
      }),
    );
  });

  it("countText takes linear time for text without spaces", () => {
    // Counted at once this would take a minute; a slice at a time it is over before the test's own limit.
    expect(countText("gpt-5.4", "中".repeat(100_000))).toBeGreaterThan(10_000);
    expect(countText("gpt-5.4", " ".repeat(100_000))).toBeGreaterThan(0);
  });

  it("D1: counting in time slices gives the counts of countText", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 4 }), async (lists) => {
        const texts = lists.map((list) => list.join("").repeat(20));
        const counts = texts.map((text) => countText("gpt-5.4", text));
        expect(await countTextsInTimeSlices("gpt-5.4", texts, {})).toEqual(counts);
        for (const [index, text] of texts.entries())
          expect(minimumTokens(text)).toBeLessThanOrEqual(counts[index] ?? 0);
      }),
    );
  });

  it("D1: counting ends as soon as a limit is exceeded", async () => {
    const texts = ["hello world ".repeat(1_000), "hello world ".repeat(1_000)];
    const each = countText("gpt-5.4", texts[0] ?? "");
    expect(await countTextsInTimeSlices("gpt-5.4", texts, { each, total: 2 * each })).toEqual([each, each]);
    expect(await countTextsInTimeSlices("gpt-5.4", texts, { each: each - 1 })).toBeNull();
    expect(await countTextsInTimeSlices("gpt-5.4", texts, { total: 2 * each - 1 })).toBeNull();
    const long = "a".repeat(50_000_000);
    const startedAt = process.threadCpuUsage().user;
    expect(await countTextsInTimeSlices("gpt-5.4", [long], { total: 128_000 })).toBeNull();
    expect(process.threadCpuUsage().user - startedAt).toBeLessThan(500_000);
  });

  it("countText never splits a surrogate pair", () => {
    const text = "👩".repeat(500);
    expect(countText("gpt-5.4", text)).toBe(countText("gpt-5.4", "👩".repeat(250)) * 2);
  });
});
