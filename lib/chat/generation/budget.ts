import { startCounter } from "#lib/usage/tokens.ts";

/** Counts received tokens against the tokens that the hold pays for. */
export type Budget = {
  /** Adds a piece of the answer; returns true once more was received than the hold pays for. */
  add(text: string): boolean;
  /** Returns the tokens received so far, by the model's tokenizer. */
  receivedTokens(): number;
};

/**
 * Creates a budget. A token has at least one byte, so the tokenizer runs only when the received bytes could
 * exceed the limit, which most answers never do.
 * @param maxTokens the tokens that the hold pays for
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
