import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countText, startCounter } from "#lib/usage/tokens.ts";

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

  it("countText never splits a surrogate pair", () => {
    const text = "👩".repeat(500);
    expect(countText("gpt-5.4", text)).toBe(countText("gpt-5.4", "👩".repeat(250)) * 2);
  });
});
