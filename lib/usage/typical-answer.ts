import { chargeMicros, type Rates } from "#lib/usage/charge.ts";

/** A typical answer in tokens: one paragraph of prompt in a short conversation, one page of answer. */
const typicalUsage = { promptTokens: 800, cachedTokens: 0, completionTokens: 500 };

/** Returns what a typical answer costs by a price list, in micro-USD. */
export function typicalAnswerMicros(rates: Rates): number {
  return chargeMicros(rates, typicalUsage);
}
