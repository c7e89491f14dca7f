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
export type Run = {
  text: string;
  isUnspaced: boolean;
  /** The name that it forms with the word before it, if one character is between them ("foo_bar"). */
  name: string | null;
};

/** Returns the runs of a folded text in their order. */
export function* runsOf(folded: string): Generator<Run> {
  let [before, end] = ["", -2];
  for (const match of folded.matchAll(runs)) {
    const text = match[0];
    const isUnspaced = match[1] !== undefined;
    const isName = !isUnspaced && match.index === end + 1 && /\S/.test(folded.charAt(end));
    yield { text, isUnspaced, name: isName ? `${before}_${text}` : null };
    [before, end] = isUnspaced ? ["", -2] : [text, match.index + text.length];
  }
}

/**
 * Returns the terms under which a message is indexed: its words, its names of two words ("foo_bar",
 * "example.com"), and in unspaced scripts every pair of neighboring letters and the last letter of a run.
 * Yields between steps, for `runInTimeSlices`.
 * @param maxBytes ends before the terms are longer than this, in UTF-8
 */
export function* termsOf(folded: string, maxBytes: number): Generator<void, Set<string>> {
  const terms = new Set<string>();
  let [bytes, steps] = [0, 0];
  for (const { text, isUnspaced, name } of runsOf(folded)) {
    const found = name === null ? [toTerm(text)] : [toTerm(text), toTerm(name)];
    for (const term of isUnspaced ? pairsOf(text) : found) {
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
  for (const { text, isUnspaced, name } of runsOf(folded)) {
    if (isUnspaced) for (const pair of pairsOf(text)) terms.add(pair);
    else for (const term of [...endsOf(text), ...endsOf(name ?? "")]) terms.add(term);
  }
  return terms;
}

/** A word and all of its ends. */
function endsOf(word: string): string[] {
  return Array.from(word, (_, start) => toTerm(word.slice(start))).filter((term) => isLetter(term));
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
  return all.flatMap(({ text, isUnspaced, name }, index): QueryTerm[] => {
    if (!isUnspaced) {
      const isPrefix = !isWhole && index === all.length - 1;
      // Anything may stand between the words of a phrase.
      const found = name === null || isWhole ? [text] : [text, name];
      return found.map((word) => ({ term: toTerm(word), isPrefix }));
    }
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
