import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

/**
 * The tokenizer's work grows with the square of a stretch without spaces (seven seconds for 20,000 letters of Chinese), so
 * a text is counted in slices of at most this many characters, cut between words where there are any.
 */
const sliceCharacters = 256;
/** Text that looks like a control token is text. */
const plain = { disallowedSpecial: new Set<string>() };

/**
 * Tokens of a text by the model's tokenizer. All models of today's price list share one (o200k); for others it is the
 * nearest there is, and what it counted is marked estimated (M6).
 */
export function countText(_modelId: string, text: string): number {
  let total = 0;
  for (let from = 0; from < text.length; ) {
    const to = endOfSlice(text, from);
    total += countTokens(text.slice(from, to), plain);
    from = to;
  }
  return total;
}

/** Where to cut: before the last space of the slice, because a word's token begins with its space. */
function endOfSlice(text: string, from: number): number {
  const furthest = from + sliceCharacters;
  if (furthest >= text.length) return text.length;
  const space = text.lastIndexOf(" ", furthest);
  if (space > from) return space;
  // Half of a surrogate pair is no character.
  const code = text.charCodeAt(furthest - 1);
  return code >= 0xd800 && code <= 0xdbff ? furthest + 1 : furthest;
}

/** Counts a text that is still growing: what was counted is not counted again. */
export type TokenCounter = { add(text: string): void; total(): number };

/** Starts a counter whose work for each piece does not grow with what came before. */
export function startCounter(modelId: string): TokenCounter {
  let counted = 0;
  let tail = "";
  let tailTokens: number | undefined = 0;
  return {
    add(text) {
      tail += text;
      tailTokens = undefined;
      if (tail.length <= 2 * sliceCharacters) return;
      // Only whole slices are closed, so the sum is the same as counting the whole text at once.
      for (;;) {
        const end = endOfSlice(tail, 0);
        if (end === tail.length) break;
        counted += countText(modelId, tail.slice(0, end));
        tail = tail.slice(end);
      }
    },
    total() {
      tailTokens ??= countText(modelId, tail);
      return counted + tailTokens;
    },
  };
}
