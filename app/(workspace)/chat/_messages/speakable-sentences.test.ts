import fc from "fast-check";
import { expect, test } from "vitest";
import { speakableSentences } from "#app/(workspace)/chat/_messages/speakable-sentences.ts";

test("speakableSentences returns only complete sentences, and the rest at the end", () => {
  expect(speakableSentences("One. Two is not", false)).toEqual({ text: "One.", length: 4 });
  expect(speakableSentences("not yet", false)).toEqual({ text: "", length: 0 });
  expect(speakableSentences("Version 1.5 is", false)).toEqual({ text: "", length: 0 });
  expect(speakableSentences("not yet", true)).toEqual({ text: "not yet", length: 7 });
});

test("speakableSentences removes Markdown syntax and keeps a link's text", () => {
  const text =
    "# A **title**\n\n> Read [the *manual*](https://example.com/a) or `x`.\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n";
  expect(speakableSentences(text, true).text).toBe("A title Read the manual or x . a b 1 2");
});

test("speakableSentences replaces a complete code block with one word", () => {
  const open = "Look:\n```js\nconst a = 1; // Done. Really.\n";
  expect(speakableSentences(open, false)).toEqual({ text: "Look:", length: 6 });
  expect(speakableSentences(`${open}\`\`\`\nThat is all. `, false).text).toBe("Look: Code. That is all.");
  expect(speakableSentences(open, true).text).toBe("Look: Code.");
});

test("speakableSentences returns every word once and in order while the text grows", () => {
  const word = fc.constantFrom("one", "two.", "three:", "four?", "five!", "six\n", "7.5");
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 30 }),
      fc.array(fc.nat(200), { maxLength: 10 }),
      (words, cuts) => {
        const whole = words.join(" ");
        const lengths = [
          ...cuts.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b),
          whole.length,
        ];
        let readTo = 0;
        const spoken: string[] = [];
        for (const [index, length] of lengths.entries()) {
          const piece = speakableSentences(whole.slice(readTo, length), index === lengths.length - 1);
          readTo += piece.length;
          spoken.push(piece.text);
        }
        expect(readTo).toBe(whole.length);
        expect(spoken.join(" ").split(/\s+/).filter(Boolean)).toEqual(whole.split(/\s+/).filter(Boolean));
      },
    ),
  );
});
