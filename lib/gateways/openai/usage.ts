import { isObject, type Json } from "#lib/gateways/openai/json.ts";

/**
 * Token counts of an upstream. A count that is missing, negative or fractional is NaN, so that no such usage
 * is believed (lib/usage/believed-usage.ts).
 */
export type TokenUsage = {
  promptTokens: number;
  cachedTokens: number;
  /** All output, including reasoning. */
  completionTokens: number;
  /** The part of the completion that the upstream counts as reasoning; 0 if it does not say. */
  reasoningTokens: number;
};

/**
 * Reads usage from a chunk or a whole response, wherever upstreams put it: `usage`, Groq's `x_groq.usage`, or
 * the `usage` of a choice (Moonshot).
 * @returns null if there is none
 */
export function readUsage(response: Json): TokenUsage | null {
  const own = parseUsage(response.usage);
  if (own !== null) return own;
  const groq = isObject(response.x_groq) ? parseUsage(response.x_groq.usage) : null;
  if (groq !== null || !Array.isArray(response.choices)) return groq;
  for (const choice of response.choices) {
    const usage = isObject(choice) ? parseUsage(choice.usage) : null;
    if (usage !== null) return usage;
  }
  return null;
}

function parseUsage(usage: unknown): TokenUsage | null {
  if (!isObject(usage)) return null;
  const prompt = usage.prompt_tokens ?? usage.input_tokens;
  const completion = usage.completion_tokens ?? usage.output_tokens;
  // Some servers send an empty object with each chunk.
  if (prompt === undefined && completion === undefined) return null;
  const cached = cachedTokens(usage);
  const promptTokens = toCount(prompt) + uncountedPrompt(usage, toCount(prompt), cached);
  const completionTokens = toCount(completion);
  const reasoningTokens = toCount(detail(usage, "completion_tokens_details", "reasoning_tokens"), 0);
  const hidden = hiddenTokens(usage, promptTokens, completionTokens, reasoningTokens);
  return {
    promptTokens,
    cachedTokens: Math.min(promptTokens, cached),
    completionTokens: completionTokens + hidden,
    reasoningTokens: Math.max(reasoningTokens, hidden),
  };
}

/** The output that `completion_tokens` leaves out: xAI and Gemini count reasoning only in the total. */
function hiddenTokens(usage: Json, prompt: number, completion: number, reasoning: number): number {
  const total = toCount(usage.total_tokens);
  if (total > prompt + completion) return total - prompt - completion;
  return reasoning > completion ? reasoning : 0;
}

/** Anthropic's count of the prompt leaves out what was read from or written to a cache. */
function uncountedPrompt(usage: Json, prompt: number, cached: number): number {
  return cached > prompt ? cached + (toCount(usage.cache_creation_input_tokens, 0) || 0) : 0;
}

/** The prompt tokens that were read from a cache: OpenAI's, DeepSeek's and Anthropic's field. */
function cachedTokens(usage: Json): number {
  const cached =
    detail(usage, "prompt_tokens_details", "cached_tokens") ??
    usage.prompt_cache_hit_tokens ??
    usage.cache_read_input_tokens;
  const count = toCount(cached, 0);
  return Number.isNaN(count) ? 0 : count;
}

function detail(usage: Json, group: string, field: string): unknown {
  const details = usage[group];
  return isObject(details) ? details[field] : undefined;
}

function toCount(value: unknown, missing = Number.NaN): number {
  if (value === undefined || value === null) return missing;
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : Number.NaN;
}
