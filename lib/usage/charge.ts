/** What a million tokens cost, in micro-USD. */
export type Rates = {
  inputMicrosPerMillion: number;
  /** For prompt tokens that the upstream had in its cache. */
  cachedInputMicrosPerMillion: number;
  outputMicrosPerMillion: number;
};

/** Tokens of one answer. The cached ones are part of the prompt's. */
export type Tokens = { promptTokens: number; cachedTokens: number; completionTokens: number };

const million = 1_000_000;

/**
 * What an answer costs by a price list, rounded up once to a micro-USD (M6).
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

type Wish = { price: Rates; promptTokens: number; maxOutputTokens: number; availableMicros: number };

/**
 * How much to hold for an answer: the prompt and the longest answer, or as much of the answer as the credit pays (M2, M5).
 * @returns null when not even the prompt and one token fit
 */
export function holdFor({ price, promptTokens, maxOutputTokens, availableMicros }: Wish) {
  const costOf = (completionTokens: number) =>
    chargeMicros(price, { promptTokens, cachedTokens: 0, completionTokens });
  const wholeMicros = costOf(maxOutputTokens);
  if (wholeMicros <= availableMicros) {
    return { amountMicros: wholeMicros, maxCompletionTokens: maxOutputTokens, clamped: false };
  }
  const maxCompletionTokens = affordableTokens(price, promptTokens, availableMicros);
  if (maxCompletionTokens < Math.min(1, maxOutputTokens)) return null;
  return { amountMicros: availableMicros, maxCompletionTokens, clamped: true };
}

/** The most completion tokens that an amount pays beside the prompt; negative when it does not even pay the prompt. */
function affordableTokens(price: Rates, promptTokens: number, micros: number): number {
  const left = micros * million - promptTokens * price.inputMicrosPerMillion;
  if (left < 0) return -1;
  return price.outputMicrosPerMillion === 0
    ? Number.MAX_SAFE_INTEGER
    : Math.floor(left / price.outputMicrosPerMillion);
}
