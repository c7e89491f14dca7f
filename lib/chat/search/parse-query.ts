import { foldShortText } from "#lib/chat/search/fold-text.ts";
import { isLetter, type QueryTerm, queryTermsOf } from "#lib/chat/search/search-terms.ts";

/** The longest query, in UTF-16 units. */
export const maxQueryLength = 200;
/** Further parts and terms of a query are ignored. */
const maxParts = 12;
const maxTerms = 24;

/** A part of a query: all parts must be in a text. */
export type QueryPart = {
  /** Folded; compared as it is written, with its punctuation ("foo_bar", "example.com", "c++"). */
  text: string;
  /** In quotation marks: complete words in this order, whatever stands between them. */
  isPhrase: boolean;
};
export type SearchQuery = { parts: QueryPart[]; terms: QueryTerm[] };

/** Quotation marks of any language are folded to this one, except those of Chinese and Japanese. */
const phrases = /"([^"]+)"|「([^」]+)」/g;
/**
 * Punctuation around a word that belongs to the sentence, not to a name ("(foo)," but ".env", "c#", "$x").
 */
const around =
  /^[^\p{L}\p{N}\p{M}\p{Extended_Pictographic}.$@#_/~+-]+|[^\p{L}\p{N}\p{M}\p{Extended_Pictographic}+#_$%/]+$/gu;

/**
 * Parses what a user typed: words or their beginnings in any order, and phrases in quotation marks.
 * @returns null when it has neither letters, digits nor emoji
 */
export function parseQuery(typed: string): SearchQuery | null {
  const { folded } = foldShortText(typed.slice(0, maxQueryLength).toWellFormed());
  const parts: QueryPart[] = [];
  const words = folded.replace(phrases, (_, first?: string, second?: string) => {
    parts.push({ text: (first ?? second ?? "").trim(), isPhrase: true });
    return " ";
  });
  for (const word of words.split(/\s+/)) parts.push({ text: word.replace(around, ""), isPhrase: false });
  const useful = parts.filter(({ text }) => hasLetter(text)).slice(0, maxParts);
  const terms = new Map<string, QueryTerm>();
  for (const { text, isPhrase } of useful)
    for (const one of queryTermsOf(text, isPhrase)) terms.set(`${one.term} ${one.isPrefix}`, one);
  if (terms.size === 0) return null;
  return { parts: useful, terms: [...terms.values()].slice(0, maxTerms) };
}

function hasLetter(text: string): boolean {
  for (const character of text) if (isLetter(character)) return true;
  return false;
}
