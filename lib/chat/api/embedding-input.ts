/** What is embedded: texts, whose tokens are counted here, or arrays of tokens. `raw` is sent on. */
export type EmbeddingInput = { raw: unknown } & ({ texts: string[] } | { tokens: number[][] });

/** OpenAI's limits: inputs per request, and tokens of all together. */
const maxInputs = 2_048;
export const maxEmbeddingTokens = 300_000;

/**
 * Reads the input of an embeddings request: a text, a list of texts, an array of tokens, or a list of arrays.
 * It is one pass without an allocation per token.
 * @returns a message if it is something else
 */
export function parseEmbeddingInput(raw: unknown): EmbeddingInput | { message: string } {
  if (typeof raw === "string") return raw === "" ? empty : { raw, texts: [raw] };
  if (!Array.isArray(raw)) return { message: "Expected a text, a list of texts, or arrays of tokens." };
  if (raw.length === 0) return empty;
  if (typeof raw[0] === "number")
    return isTokenArray(raw)
      ? withinTokens(raw, [raw])
      : { message: "Expected tokens: whole numbers from 0." };
  if (raw.length > maxInputs) return { message: `Too big: expected at most ${maxInputs} inputs.` };
  if (raw.every((one): one is string => typeof one === "string"))
    return raw.includes("") ? empty : { raw, texts: raw };
  if (raw.every(isTokenArray)) return raw.some((one) => one.length === 0) ? empty : withinTokens(raw, raw);
  return { message: "Expected a text, a list of texts, or arrays of tokens." };
}

const empty = { message: "An input is empty." };

function isTokenArray(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((token) => Number.isSafeInteger(token) && token >= 0);
}

function withinTokens(raw: unknown, tokens: number[][]): EmbeddingInput | { message: string } {
  const total = tokens.reduce((sum, one) => sum + one.length, 0);
  if (total <= maxEmbeddingTokens) return { raw, tokens };
  return { message: `Too big: expected at most ${maxEmbeddingTokens} tokens.` };
}
