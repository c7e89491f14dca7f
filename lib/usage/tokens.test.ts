import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countText, startCounter } from "#lib/usage/tokens.ts";

const pieces = fc.array(
  fc.oneof(fc.string({ unit: "grapheme" }), fc.lorem(), fc.constantFrom(" ", "\n\n", "中文", "👩‍👩‍👧")),
);

describe("counting tokens", () => {
  it("knows ordinary text, and takes control tokens for text", () => {
    expect(countText("gpt-5.4", "Hello, world!")).toBe(4);
    expect(countText("gpt-5.4", "<|endoftext|>")).toBeGreaterThan(1);
  });

  it("M6: an answer counted as it grows has the tokens of the whole", () => {
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

  it("takes about as long for each letter, however long the text and without a single space in it", () => {
    // Counted at once this would take a minute; a slice at a time it is over before the test's own limit.
    expect(countText("gpt-5.4", "中".repeat(100_000))).toBeGreaterThan(10_000);
    expect(countText("gpt-5.4", " ".repeat(100_000))).toBeGreaterThan(0);
  });

  it("half of a surrogate pair is never counted apart", () => {
    const text = "👩".repeat(500);
    expect(countText("gpt-5.4", text)).toBe(countText("gpt-5.4", "👩".repeat(250)) * 2);
  });
});
