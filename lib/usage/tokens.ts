import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

/** Tokens that the chat protocol adds to each message, and to the whole prompt. */
export const tokensPerMessage = 4;
export const tokensPerPrompt = 3;

/**
 * The tokenizer needs quadratic time for text without spaces (seven seconds for 20,000 Chinese characters),
 * so text is counted in slices of at most this many characters, cut between words if there are any.
 */
const sliceCharacters = 256;
/** Text that looks like a control token is counted as text. */
const options = { disallowedSpecial: new Set<string>() };

/**
 * Counts the tokens of a text. All models of the built-in catalog use the same tokenizer (o200k); for other
 * models it is an approximation, and counts are marked estimated (M6).
 */
export function countText(_modelId: string, text: string): number {
  let total = 0;
  for (let from = 0; from < text.length; ) {
    const to = endOfSlice(text, from);
    total += countTokens(text.slice(from, to), options);
    from = to;
  }
  return total;
}

/** Returns where a slice ends: before its last space, because a word's token begins with the space. */
function endOfSlice(text: string, from: number): number {
  const furthest = from + sliceCharacters;
  if (furthest >= text.length) return text.length;
  const space = text.lastIndexOf(" ", furthest);
  if (space > from) return space;
  // Do not cut a surrogate pair.
  const code = text.charCodeAt(furthest - 1);
  return code >= 0xd800 && code <= 0xdbff ? furthest + 1 : furthest;
}

/** Counts a growing text without counting earlier parts again. */
export type TokenCounter = { add(text: string): void; total(): number };

/** Creates a counter. The work for a piece does not depend on the length of the text before it. */
export function startCounter(modelId: string): TokenCounter {
  let counted = 0;
  let tail = "";
  let tailTokens: number | undefined = 0;
  return {
    add(text) {
      tail += text;
      tailTokens = undefined;
      if (tail.length <= 2 * sliceCharacters) return;
      // Slices end where `countText` cuts them, so the sum equals the count of the whole text.
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
