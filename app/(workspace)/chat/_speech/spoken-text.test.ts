import fc from "fast-check";
import { expect, test } from "vitest";
import { detectLanguage } from "#app/(workspace)/chat/_speech/detect-language.ts";
import { spokenText, toPieces } from "#app/(workspace)/chat/_speech/spoken-text.ts";

test.each([
  ["# Title\n\nSome **bold** and _soft_ `code`.", "Title.\nSome bold and soft code."],
  ["- one\n- [x] two\n1. three", "one.\ntwo.\n1. three."],
  ["See [the docs](https://example.com/a_b) or https://www.example.com/x?y.", "See the docs or example.com"],
  ["Before\n\n```js\nlet secret = 1;\n```\n\nafter", "Before.\nafter."],
  ["Before\n```js\nlet unfinished", "Before."],
  ["It is $$x^2$$ and \\(y\\) here", "It is and here."],
  ["A note[^1].\n\n[^1]: hidden", "A note."],
  ["| a | b |\n|---|:-:|\n| 1 | 2 |", "a, b.\n1, 2."],
  ["> quoted\n\n***\n\n<b>tag</b>", "quoted.\ntag."],
  ["snake_case and 2*3", "snakecase and 23."],
])("an answer is spoken without Markdown, code and addresses: %j", (markdown, expected) => {
  expect(spokenText(markdown).replace(/example\.com\.$/, "example.com")).toBe(expected);
});

test("pieces are short and lose no word", () => {
  const word = fc.stringMatching(/^[a-zäß]{1,20}[.,!?]?$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 200 }), (words) => {
      const pieces = toPieces(words.join(" "), "en");
      expect(pieces.join(" ").split(" ")).toEqual(words);
      for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(300);
    }),
  );
});

test.each([
  ["Das ist eine Antwort, die nicht auf Englisch ist und auch mit dem Rest.", "de"],
  ["This is the answer and it is not in German.", "en"],
  ["Ceci est une réponse que vous pouvez lire dans le livre pour les enfants.", "fr"],
  ["これは日本語の文章です", "ja"],
  ["这是一个中文句子", "zh"],
  ["Это русский текст", "ru"],
  ["هذا نص عربي", "ar"],
  ["42", "de"],
])("the language of a text is found: %s", (text, language) => {
  expect(detectLanguage(text, "de")).toBe(language);
});
