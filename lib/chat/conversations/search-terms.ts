/**
 * Scripts that are written without spaces between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese, and
 * Korean, which attaches particles. The index holds every pair of their letters (`messageSearch` in
 * db/schema/chat.ts lists the same ranges).
 */
const unspaced =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\u{20000}-\u{3ffff}]/u;

/**
 * Returns the search as a tsquery over the index of messages: the beginnings of all words, and all pairs of
 * neighboring letters in scripts without spaces. It finds a superset of the messages that contain the terms.
 * @returns null when the text has neither letters nor digits, which the index does not know
 */
export function toTsquery(text: string): string | null {
  const lexemes = (text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).flatMap(toLexemes);
  return lexemes.length === 0 ? null : [...new Set(lexemes)].join(" & ");
}

function toLexemes(word: string): string[] {
  const letters = [...word];
  if (!letters.some((letter) => unspaced.test(letter))) return [`${word}:*`];
  const lexemes: string[] = [];
  let run = "";
  const end = (isUnspaced: boolean) => {
    if (run !== "") lexemes.push(...(isUnspaced ? pairs(run) : [`${run}:*`]));
    run = "";
  };
  for (const [index, letter] of letters.entries()) {
    const isUnspaced = unspaced.test(letter);
    if (index > 0 && isUnspaced !== unspaced.test(letters[index - 1] ?? "")) end(!isUnspaced);
    run += letter;
  }
  end(unspaced.test(letters.at(-1) ?? ""));
  return lexemes;
}

/** All pairs of neighboring letters; a single letter finds the pairs that begin with it. */
function pairs(run: string): string[] {
  const letters = [...run];
  if (letters.length === 1) return [`${run}:*`];
  return letters.slice(1).map((letter, index) => `${letters[index] ?? ""}${letter}`);
}

/** The pattern of ILIKE that finds a text anywhere. */
export function toPattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}
