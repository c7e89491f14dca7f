/**
 * Scripts that are written without spaces between words, and Korean, which attaches particles. A word is
 * found anywhere in their runs. Emoji count as letters of such a script.
 */
const unspacedScripts = [
  ..."Hani Hira Kana Hang Bopo Yiii Thai Laoo Mymr Khmr Tibt Tale Talu Lana Java Bali Cham".split(" "),
]
  .map((script) => `\\p{Script_Extensions=${script}}`)
  .join("");
const letters = "\\p{L}\\p{N}\\p{M}";
const unspaced = `[[${unspacedScripts}]&&[${letters}]]|\\p{Extended_Pictographic}`;
/** A run of an unspaced script (group 1), or a word of any other script (group 2). */
const runs = new RegExp(
  `((?:${unspaced})+)|([[${letters}]--[${unspacedScripts}\\p{Extended_Pictographic}]]+)`,
  "gv",
);
const startsUnspaced = new RegExp(`^(?:${unspaced})`, "v");
const startsWithLetter = new RegExp(`^(?:[${letters}]|\\p{Extended_Pictographic})`, "v");

/** Longer words are indexed by their beginning, in UTF-16 units. */
const maxTermLength = 64;
/** Terms of one step of the index's generator. */
const termsPerStep = 500;

/** A word, or a run of an unspaced script, of a folded text. */
export type Run = { text: string; isUnspaced: boolean };

/** Returns the runs of a folded text in their order. */
export function* runsOf(folded: string): Generator<Run> {
  for (const [text, unspacedRun] of folded.matchAll(runs))
    yield { text, isUnspaced: unspacedRun !== undefined };
}

/**
 * Returns the terms under which a message is indexed: its words, and in unspaced scripts every pair of
 * neighboring letters and the last letter of a run. Yields between steps, for `runInTimeSlices`.
 * @param maxBytes ends before the terms are longer than this, in UTF-8
 */
export function* termsOf(folded: string, maxBytes: number): Generator<void, Set<string>> {
  const terms = new Set<string>();
  let [bytes, steps] = [0, 0];
  for (const { text, isUnspaced } of runsOf(folded)) {
    for (const term of isUnspaced ? pairsOf(text) : [toTerm(text)]) {
      steps += 1;
      if (steps % termsPerStep === 0) yield;
      if (terms.has(term)) continue;
      bytes += Buffer.byteLength(term) + bytesPerTerm;
      if (bytes > maxBytes) return terms;
      terms.add(term);
    }
  }
  return terms;
}

/** What a term takes besides its text: the scope before it and PostgreSQL's own bytes. */
const bytesPerTerm = 16;

/** Returns the terms of a title, which is found by any part of its words. */
export function titleTermsOf(folded: string): Set<string> {
  const terms = new Set<string>();
  for (const { text, isUnspaced } of runsOf(folded)) {
    if (isUnspaced) for (const pair of pairsOf(text)) terms.add(pair);
    else for (let start = 0; start < text.length; start += 1) terms.add(toTerm(text.slice(start)));
  }
  return terms;
}

/** A term of a query; a prefix finds all terms that begin with it. */
export type QueryTerm = { term: string; isPrefix: boolean };

/**
 * Returns the terms that a text contains if it contains this part of a query. They find a superset of the
 * texts; `findMatches` compares.
 * @param isWhole whether the last word must be complete
 */
export function queryTermsOf(part: string, isWhole: boolean): QueryTerm[] {
  const all = [...runsOf(part)];
  return all.flatMap(({ text, isUnspaced }, index): QueryTerm[] => {
    if (!isUnspaced) return [{ term: toTerm(text), isPrefix: !isWhole && index === all.length - 1 }];
    const pairs = [...pairsOf(text)];
    if (pairs.length === 1) return pairs.map((term) => ({ term, isPrefix: true }));
    return pairs.slice(0, -1).map((term) => ({ term, isPrefix: false }));
  });
}

/** Every pair of neighboring letters, and the last letter alone. */
function* pairsOf(run: string): Generator<string> {
  let previous = "";
  for (const letter of run) {
    if (previous !== "") yield previous + letter;
    previous = letter;
  }
  yield previous;
}

function toTerm(word: string): string {
  return word.length <= maxTermLength ? word : word.slice(0, maxTermLength).toWellFormed();
}

/** Whether a word can begin at this position of a folded text. */
export function isWordStart(folded: string, index: number): boolean {
  if (index === 0) return true;
  const [before, after] = [characterBefore(folded, index), folded.slice(index, index + 2)];
  if (!startsWithLetter.test(before) || !startsWithLetter.test(after)) return true;
  return startsUnspaced.test(before) || startsUnspaced.test(after);
}

function characterBefore(text: string, index: number): string {
  const unit = text.charCodeAt(index - 1);
  return text.slice(unit >= 0xdc00 && unit <= 0xdfff ? index - 2 : index - 1, index);
}

/** Whether a text begins with a letter, digit or emoji. */
export function isLetter(text: string): boolean {
  return startsWithLetter.test(text);
}
