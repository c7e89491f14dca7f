import fc from "fast-check";
import { expect, test } from "vitest";
import { findMatches } from "#lib/chat/search/find-matches.ts";
import { foldShortText, toSourceRange } from "#lib/chat/search/fold-text.ts";
import { parseQuery } from "#lib/chat/search/parse-query.ts";
import { messageScope, quarterOf } from "#lib/chat/search/search-scope.ts";
import { queryTermsOf, termsOf } from "#lib/chat/search/search-terms.ts";
import { cutSnippet } from "#lib/chat/search/snippet.ts";
import { randomRuns } from "#tests/random-budget.ts";

function indexOf(text: string): Set<string> {
  const work = termsOf(foldShortText(text).folded, 1_000_000);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** What a search for the query marks in the text; null if the index or the comparison does not find it. */
function search(text: string, typed: string): string[] | null {
  const query = parseQuery(typed);
  if (query === null) return null;
  const terms = [...indexOf(text)];
  const isIndexed = query.terms.every(({ term, isPrefix }) =>
    terms.some((one) => (isPrefix ? one.startsWith(term) : one === term)),
  );
  const folded = foldShortText(text);
  const matches = findMatches(folded.folded, query);
  if (!isIndexed || matches === null) return null;
  return matches.map(({ range }) => folded.source.slice(...toSourceRange(folded, range)));
}

test.each([
  ["今天天气很好，明天也是晴天吗", "天气", ["天气"]],
  ["今天天气很好，明天也是晴天吗", "好，明天", ["好，明天"]],
  ["今天天气很好", "好", ["好"]],
  ["rm -rf build", "-rf", ["-rf"]],
  ["x = [a^b] * (c|d)", "[a^b]", ["a^b"]],
  ["天 then 气", "天气", null],
  ["call foo_bar(1)", "foo_bar", ["foo_bar"]],
  // Reported as not found in other products (Signal-Android#8629, conduwuit#630, Telegram-iOS#1207).
  ["人人生而自由，在尊严和权利上一律平等。", "权利", ["权利"]],
  ["すべての人間は、尊厳と権利とについて平等である。", "権利", ["権利"]],
  ["모든인간은그존엄과권리에있어동등하다.", "권리", ["권리"]],
  ["还有可能是定期检修", "可能", ["可能"]],
  ["我測試一下", "測", ["測"]],
  ["deploy your first agent", "agent deploy", ["deploy", "agent"]],
  ["foo and bar", "foo_bar", null],
  ["foo_bar_baz", "bar_ba", ["bar_ba"]],
  ["a-b.c:d/e", "b.c:d", ["b.c:d"]],
  ["see https://www.example.com/path for more", "example.com", ["example.com"]],
  ["an example, community", "example.com", null],
  ["สวัสดีครับ", "สวัสดี", ["สวัสดี"]],
  ["मुझे हिन्दी आती है", "हिन्दी", ["हिन्दी"]],
  ["使用React开发 한국어입니다", "React开发", ["React开发"]],
  ["使用React开发 한국어입니다", "국어", ["국어"]],
  ["東京タワーの高さ", "タワー", ["タワー"]],
  ["ｈｅｌｌｏ ＷＯＲＬＤ", "hello world", ["ｈｅｌｌｏ", "ＷＯＲＬＤ"]],
  ["half ｶﾞﾗｽ width", "ガラス", ["ｶﾞﾗｽ"]],
  ["Die Straße in İstanbul", "strasse istanbul", ["Straße", "İstanbul"]],
  ["Crème brûlée", "creme bru", ["Crème", "brû"]],
  ["Cre\u0300me", "crème", ["Crème"]],
  ["السَّلَامُ عليكم", "السلام", ["السَّلَامُ"]],
  ["שָׁלוֹם", "שלום", ["שָׁלוֹם"]],
  ["I don’t know", "don't", ["don’t"]],
  ["written in C++ and c#", "C++", ["C++"]],
  ["written in cpp", "C++", null],
  ["a cat and a category", '"cat"', ["cat"]],
  ["the end. of the line", '"end of the"', ["end. of the"]],
  ["of the end", '"end of the"', null],
  ["a cup of ☕️ please", "☕", ["☕️"]],
  ["password", "word", null],
  ["a word and a password", "word", ["word"]],
  ["한국어입니다", "하", null],
  ["2026年11月", "11月", ["11月"]],
])("in %j a search for %j marks %j", (text, typed, expected) => {
  expect(search(text, typed)).toEqual(expected);
});

/** Letters of ten scripts; words of the last five are written without spaces. */
const scripts: [name: string, from: number, to: number, isUnspaced: boolean][] = [
  ["Latin", 0x61, 0x7a, false],
  ["Cyrillic", 0x430, 0x44f, false],
  ["Greek", 0x3b1, 0x3c9, false],
  ["Arabic", 0x627, 0x63a, false],
  ["Devanagari", 0x915, 0x939, false],
  ["Chinese", 0x4e00, 0x9fa5, true],
  ["Hiragana", 0x3042, 0x3093, true],
  ["Hangul", 0xac00, 0xd7a3, true],
  ["Thai", 0xe01, 0xe2e, true],
  ["Khmer", 0x1780, 0x17a2, true],
];
const wordOf = (from: number, to: number, minLength = 2) =>
  fc
    .array(fc.integer({ min: from, max: to }), { minLength, maxLength: 8 })
    .map((letters) => String.fromCodePoint(...letters).normalize("NFC"));

test.each(scripts)(
  "random words of %s are found in a text, also inside runs without spaces",
  (_name, from, to, isUnspaced) => {
    const words = fc.array(wordOf(from, to), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(words, fc.nat(), fc.nat(), (list, pick, cut) => {
        const wanted = list[pick % list.length] ?? "";
        const text = list.join(isUnspaced ? "" : ", ");
        // A beginning of the word, or in a run any part of it.
        const letters = [...wanted];
        const start = isUnspaced ? cut % letters.length : 0;
        const part = letters.slice(start, start + 1 + (cut % letters.length)).join("");
        for (const typed of [wanted, part, wanted.toUpperCase()])
          expect(search(text, typed), `${typed} in ${text}`).not.toBeNull();
      }),
      { numRuns: randomRuns(100) },
    );
  },
);

test("a search never marks what the index does not find, and finds what is copied from a text", () => {
  const text = fc.array(
    fc.oneof(fc.string({ unit: "grapheme" }), ...scripts.map(([, from, to]) => wordOf(from, to, 1))),
    {
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(text, fc.nat(), (parts, pick) => {
      const whole = parts.join(" ").toWellFormed();
      const word = whole.split(" ")[pick % (parts.length + 1)] ?? "";
      const query = parseQuery(word);
      if (query === null || /["「」]/.test(foldShortText(word).folded)) return;
      expect(search(whole, word), JSON.stringify({ whole, word })).not.toBeNull();
    }),
    { numRuns: randomRuns(500) },
  );
});

/** Any characters; letters of ten scripts are as frequent as all others. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0x10ffff }),
      ...scripts.map(([, min, max]) => fc.integer({ min, max })),
    ),
    {
      maxLength: 1_200,
    },
  )
  .map((codePoints) => String.fromCodePoint(...codePoints).toWellFormed());

test("positions in a folded text lead back to whole characters of the source", () => {
  fc.assert(
    fc.property(anyText, fc.nat(), (text, at) => {
      const folded = foldShortText(text);
      const index = at % (folded.folded.length + 1);
      const [start, end] = toSourceRange(folded, [index, index]);
      expect(start).toBeGreaterThanOrEqual(0);
      expect(Math.max(start, end)).toBeLessThanOrEqual(folded.source.length);
      expect(folded.source.slice(start).isWellFormed()).toBe(true);
    }),
    { numRuns: randomRuns(300) },
  );
});

test("a match after 100,000 folded characters has its exact place", () => {
  const text = `${"Straße ﬁn ｆｕｌｌ é́ ".repeat(5_000)}needle ${"x ".repeat(10)}`;
  expect(search(text, "needle")).toEqual(["needle"]);
});

test("a snippet shows the parts of a query together, without Markdown, and marks exactly them", () => {
  const text = `alpha ${"filler ".repeat(60)}\n## Heading\n\n**alpha** with\n  \`beta\` here ${"filler ".repeat(60)}`;
  const query = parseQuery("alpha beta");
  const folded = foldShortText(text);
  const matches = query === null ? null : findMatches(folded.folded, query);
  const snippet = cutSnippet(folded, matches ?? []);
  expect(snippet.text).toContain("alpha with beta here");
  expect(snippet.text.length).toBeLessThan(200);
  expect(snippet.ranges.map(([start, end]) => snippet.text.slice(start, end))).toEqual(["alpha", "beta"]);
});

test("a query's phrases, words and punctuation become parts; nothing to find is null", () => {
  expect(parseQuery('(foo) „Guten Tag“ .env "x"')?.parts).toEqual([
    { text: "guten tag", isPhrase: true },
    { text: "x", isPhrase: true },
    { text: "foo", isPhrase: false },
    { text: ".env", isPhrase: false },
  ]);
  for (const nothing of ["", "  ", "' | !& :*", "%_", "->", "\u200b"]) expect(parseQuery(nothing)).toBeNull();
  expect(parseQuery("天气".repeat(100))?.terms.length).toBeLessThanOrEqual(24);
});

test("terms of queries and texts have no characters that a tsquery would interpret", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const { folded } = foldShortText(text);
      const terms = [...indexOf(text), ...queryTermsOf(folded, false).map(({ term }) => term)];
      for (const term of terms) expect(term).toMatch(/^[\p{L}\p{N}\p{M}\p{Extended_Pictographic}\ufffd_]+$/u);
    }),
    { numRuns: randomRuns(300) },
  );
});

test("scopes are of a user and a quarter", () => {
  expect(
    messageScope("00000000-0000-7000-8000-0000abcdef12", quarterOf(new Date("2026-11-30T00:00:00Z"))),
  ).toBe("cdef120r");
  expect(quarterOf(new Date(0))).toBe(0);
  expect(quarterOf(new Date("9999-01-01T00:00:00Z"))).toBe(36 ** 2 - 1);
});
