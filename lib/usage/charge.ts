/** Prices or costs of a model, in micro-USD per million tokens. */
export type Rates = {
  inputMicrosPerMillion: number;
  /** For prompt tokens that the upstream read from its cache. */
  cachedInputMicrosPerMillion: number;
  outputMicrosPerMillion: number;
};

/**
 * The price list of the moment a hold was taken: what the customer pays, and what the upstream costs us (M6,
 * M8).
 */
export type HoldRates = { price: Rates; cost: Rates };

/** Tokens of one answer. Cached tokens are part of the prompt tokens. */
export type Tokens = { promptTokens: number; cachedTokens: number; completionTokens: number };

const million = 1_000_000;

/**
 * Returns what an answer costs by a price list, rounded up once to a micro-USD (M6).
 * @returns integer micro-USD
 */
export function chargeMicros(rates: Rates, { promptTokens, cachedTokens, completionTokens }: Tokens): number {
  const cached = Math.min(cachedTokens, promptTokens);
  const total =
    (promptTokens - cached) * rates.inputMicrosPerMillion +
    cached * rates.cachedInputMicrosPerMillion +
    completionTokens * rates.outputMicrosPerMillion;
  return Math.ceil(total / million);
}

/** The tokens that a hold has to cover. */
export type HoldScope = { price: Rates; promptTokens: number; maxOutputTokens: number };

/**
 * Returns the size of a hold in micro-USD: the charge of the prompt with the longest answer, and as a minimum
 * with one token of an answer (M2, M5). The SQL function `fit_hold` clamps the amount to the available
 * credit.
 */
export function holdFor({ price, promptTokens, maxOutputTokens }: HoldScope) {
  const charge = (completionTokens: number) =>
    chargeMicros(price, { promptTokens, cachedTokens: 0, completionTokens });
  return { amountMicros: charge(maxOutputTokens), minimumMicros: charge(Math.min(1, maxOutputTokens)) };
}

/**
 * Returns the most completion tokens that a hold pays for.
 * @param heldMicros what `fit_hold` made of the amount of `holdFor`, in micro-USD
 */
export function maxCompletionTokens(scope: HoldScope, heldMicros: number): number {
  const { price, promptTokens, maxOutputTokens } = scope;
  if (heldMicros >= holdFor(scope).amountMicros) return maxOutputTokens;
  const left = heldMicros * million - promptTokens * price.inputMicrosPerMillion;
  return Math.max(Math.min(1, maxOutputTokens), Math.floor(left / price.outputMicrosPerMillion));
}
