import type { TextRange } from "#lib/chat/search/fold-text.ts";
import type { QueryPart, SearchQuery } from "#lib/chat/search/parse-query.ts";
import { isWordStart } from "#lib/chat/search/search-terms.ts";

/** A match of a part of the query, in the folded text. */
export type Match = { range: TextRange; part: number };

/** Further matches of a part are not looked for. */
const maxMatchesPerPart = 40;

/**
 * Finds the matches of every part of a query in a folded text.
 * @param options.anywhere also inside words, as titles are searched
 * @returns the matches in their order; null when a part is not in the text
 */
export function findMatches(
  folded: string,
  { parts }: SearchQuery,
  options: { anywhere?: boolean } = {},
): Match[] | null {
  const matches: Match[] = [];
  for (const [number, part] of parts.entries()) {
    const found = findPart(folded, part, options.anywhere ?? false);
    if (found.length === 0) return null;
    for (const range of found) matches.push({ range, part: number });
  }
  return matches.sort((a, b) => a.range[0] - b.range[0] || b.range[1] - a.range[1]);
}

function findPart(folded: string, part: QueryPart, anywhere: boolean): TextRange[] {
  const found: TextRange[] = [];
  for (const match of folded.matchAll(toPattern(part))) {
    const end = match.index + match[0].length;
    if (!anywhere && !isWordStart(folded, match.index)) continue;
    if (part.isPhrase && !anywhere && !isWordStart(folded, end)) continue;
    found.push([match.index, end]);
    if (found.length === maxMatchesPerPart) break;
  }
  return found;
}

/** The pattern of a part: its text, and between the words of a phrase anything but letters. */
function toPattern({ text, isPhrase }: QueryPart): RegExp {
  if (!isPhrase) return new RegExp(toLiteral(text), "gu");
  const words = text.split(/[^\p{L}\p{N}\p{M}\p{Extended_Pictographic}]+/u).filter((word) => word !== "");
  return new RegExp(words.map(toLiteral).join("[^\\p{L}\\p{N}\\p{M}]{1,16}"), "gu");
}

/** Escapes a text for a pattern. With the flag "u" only these characters may be escaped; a hyphen may not. */
function toLiteral(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
