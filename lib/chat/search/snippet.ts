import type { Match } from "#lib/chat/search/find-matches.ts";
import { type FoldedText, type TextRange, toSourceRange } from "#lib/chat/search/fold-text.ts";

/** A text with the places to highlight. The client marks them; the text contains no markup of ours. */
export type MarkedText = { text: string; ranges: TextRange[] };

/** Length of a snippet and of the text before its first match, in UTF-16 units. */
const snippetLength = 180;
const leadLength = 50;
/**
 * Which matches a snippet may show, in folded UTF-16 units around its first match; folding changes lengths.
 */
const nearLength = 3 * snippetLength;
const maxNear = 60;
/** What a snippet leaves out: emphasis, fences and headings of Markdown. */
const markup = /\*\*|`{1,3}(?:\w+\n)?|^#{1,6}\s|^>\s/gm;

/**
 * Cuts the part of a text that shows most of the query's parts, without line breaks and Markdown's emphasis.
 * @param matches in their order, at least one
 */
export function cutSnippet(text: FoldedText, matches: Match[]): MarkedText {
  const { source } = text;
  const best = bestStart(matches);
  const near = matches.filter(({ range }) => Math.abs(range[0] - best) < nearLength).slice(0, maxNear);
  const ranges = near.map(({ range }) => toSourceRange(text, range));
  const first = toSourceRange(text, [best, best + 1])[0];
  const start = toBoundary(source, Math.max(0, first - leadLength), first);
  const cut = whole(source, Math.min(source.length, start + snippetLength));
  const within = ranges.filter(([from, to]) => from >= start && to <= cut);
  const body = clean(
    source.slice(start, cut),
    mergeRanges(within, cut).map(([a, b]) => [a - start, b - start]),
  );
  const [before, after] = [start > 0 ? "… " : "", cut < source.length ? "…" : ""];
  return {
    text: before + body.text + after,
    ranges: body.ranges.map(([a, b]) => [a + before.length, b + before.length]),
  };
}

/** Marks all matches of a short text. */
export function markAll(text: FoldedText, matches: Match[]): MarkedText {
  const ranges = matches.map(({ range }) => toSourceRange(text, range));
  return { text: text.source, ranges: mergeRanges(ranges, text.source.length) };
}

/** The match from which a snippet shows the most parts of the query, as a position in the folded text. */
function bestStart(matches: Match[]): number {
  let [best, bestCount] = [matches[0]?.range[0] ?? 0, 0];
  for (const [index, { range }] of matches.entries()) {
    const parts = new Set<number>();
    for (const other of matches.slice(index, index + maxNear)) {
      if (other.range[1] > range[0] + snippetLength - leadLength) break;
      parts.add(other.part);
    }
    if (parts.size > bestCount) [best, bestCount] = [range[0], parts.size];
  }
  return best;
}

/** The beginning of a word, or of a line, at or after a position and not after `last`. */
function toBoundary(source: string, wanted: number, last: number): number {
  if (wanted === 0) return 0;
  const space = source.slice(wanted, last).search(/\s/);
  return space === -1 ? whole(source, wanted) : wanted + space + 1;
}

/** A position that does not split a surrogate pair. */
function whole(source: string, index: number): number {
  const unit = source.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff ? index - 1 : index;
}

/** Joins ranges that touch or overlap, up to a position. */
function mergeRanges(ranges: TextRange[], end: number): TextRange[] {
  const merged: TextRange[] = [];
  for (const [from, to] of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.min(end, Math.max(last[1], to));
    else if (from < end) merged.push([from, Math.min(end, to)]);
  }
  return merged;
}

/** Removes Markdown's emphasis and repeated space outside of the matches, and moves the ranges along. */
function clean(text: string, ranges: TextRange[]): MarkedText {
  let result = "";
  let at = 0;
  const moved: TextRange[] = [];
  for (const [from, to] of ranges) {
    result += plain(text.slice(at, from));
    const start = result.length;
    result += text.slice(from, to).replace(/\s/g, " ");
    moved.push([start, result.length]);
    at = to;
  }
  return { text: result + plain(text.slice(at)), ranges: moved };
}

function plain(text: string): string {
  return text.replace(markup, "").replace(/\s+/g, " ");
}
