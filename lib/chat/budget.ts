import { startCounter } from "#lib/usage/tokens.ts";

/** Counts what was received against what the hold pays for. */
export type Budget = {
  /** Takes a piece of the answer; true once more was received than is paid for. */
  add(text: string): boolean;
  /** Tokens received so far, by the model's tokenizer. */
  receivedTokens(): number;
};

/**
 * No token is shorter than a byte, so the tokenizer only runs when the bytes received could be too many: for nearly every
 * answer never, and otherwise once for each stretch of text.
 * @param maxTokens what the hold pays for
 */
export function createBudget(modelId: string, maxTokens: number): Budget {
  const counter = startCounter(modelId);
  let uncounted: string[] = [];
  let uncountedBytes = 0;
  const count = () => {
    if (uncounted.length > 0) counter.add(uncounted.join(""));
    uncounted = [];
    uncountedBytes = 0;
    return counter.total();
  };
  return {
    add(text) {
      uncounted.push(text);
      uncountedBytes += Buffer.byteLength(text);
      if (counter.total() + uncountedBytes <= maxTokens) return false;
      return count() > maxTokens;
    },
    receivedTokens: count,
  };
}
