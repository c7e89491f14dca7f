import fc from "fast-check";
import { expect, test } from "vitest";
import { plainSentences } from "#app/(workspace)/chat/_messages/plain-sentences.ts";

test("only whole sentences are read aloud, and the rest once the answer has ended", () => {
  expect(plainSentences("One. Two is not", false)).toEqual({ text: "One.", length: 4 });
  expect(plainSentences("not yet", false)).toEqual({ text: "", length: 0 });
  expect(plainSentences("Version 1.5 is", false)).toEqual({ text: "", length: 0 });
  expect(plainSentences("not yet", true)).toEqual({ text: "not yet", length: 7 });
});

test("Markdown's marks are not read; a link is read as its words", () => {
  const text =
    "# A **title**\n\n> Read [the *manual*](https://example.com/a) or `x`.\n\n| a | b |\n|---|:-:|\n| 1 | 2 |\n";
  expect(plainSentences(text, true).text).toBe("A title Read the manual or x . a b 1 2");
});

test("code is never spelled out: its block is announced once it is whole", () => {
  const open = "Look:\n```js\nconst a = 1; // Done. Really.\n";
  expect(plainSentences(open, false)).toEqual({ text: "Look:", length: 6 });
  expect(plainSentences(`${open}\`\`\`\nThat is all. `, false).text).toBe("Look: Code. That is all.");
  expect(plainSentences(open, true).text).toBe("Look: Code.");
});

test("reading on from where it stopped, every word is read once and in order, however the text grows", () => {
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
          const piece = plainSentences(whole.slice(readTo, length), index === lengths.length - 1);
          readTo += piece.length;
          spoken.push(piece.text);
        }
        expect(readTo).toBe(whole.length);
        expect(spoken.join(" ").split(/\s+/).filter(Boolean)).toEqual(whole.split(/\s+/).filter(Boolean));
      },
    ),
  );
});
