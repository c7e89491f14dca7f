import { canCountAtOnce, startCounter } from "#lib/usage/tokens.ts";

/** Counts received tokens against the tokens that the hold pays for. */
export type Budget = {
  /**
   * Adds a piece of the answer; returns true once more was received than the hold pays for. Returns a promise
   * when much text has to be counted, which must have ended before the next call.
   */
  add(text: string): boolean | Promise<boolean>;
  /** Returns the tokens received so far, by the model's tokenizer. */
  receivedTokens(): Promise<number>;
};

/**
 * Creates a budget. A token has at least one byte, so the tokenizer runs only when the received bytes could
 * exceed the limit, which most answers never do.
 * @param maxTokens returns the tokens that the hold pays for now
 */
export function createBudget(modelId: string, maxTokens: () => number): Budget {
  const counter = startCounter(modelId);
  let uncounted: string[] = [];
  let uncountedBytes = 0;
  const takeUncounted = () => {
    const text = uncounted.join("");
    uncounted = [];
    uncountedBytes = 0;
    return text;
  };
  return {
    add(text) {
      uncounted.push(text);
      uncountedBytes += Buffer.byteLength(text);
      if (counter.total() + uncountedBytes <= maxTokens()) return false;
      const isShort = canCountAtOnce(uncounted);
      const all = takeUncounted();
      if (!isShort) return counter.addInTimeSlices(all).then(() => counter.total() > maxTokens());
      counter.add(all);
      return counter.total() > maxTokens();
    },
    async receivedTokens() {
      await counter.addInTimeSlices(takeUncounted());
      return counter.total();
    },
  };
}
