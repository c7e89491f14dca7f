/** Sums of calls to models, in tokens and micro-USD. */
export type ReceiptSums = {
  /** How many calls the sums contain. */
  count: number;
  promptTokens: number;
  /** The part of the prompts that the upstream read from its cache. */
  cachedTokens: number;
  completionTokens: number;
  /** The part of the completions that is thinking. */
  reasoningTokens: number;
  chargedMicros: number;
  /** How many of the calls were counted by us, because the upstream reported no usage (M6). */
  estimated: number;
};

/** Returns the sums over several models. */
export function addSums(sums: readonly ReceiptSums[]): ReceiptSums {
  const total = (key: keyof ReceiptSums) => sums.reduce((sum, one) => sum + one[key], 0);
  return {
    count: total("count"),
    promptTokens: total("promptTokens"),
    cachedTokens: total("cachedTokens"),
    completionTokens: total("completionTokens"),
    reasoningTokens: total("reasoningTokens"),
    chargedMicros: total("chargedMicros"),
    estimated: total("estimated"),
  };
}
