import { singleton } from "#lib/core/singleton.ts";

/** The mean length of an answer before any was seen, and how much one answer changes it. */
const firstMean = 512;
const weight = 1 / 32;
const least = 512;
const most = 8_192;

const means = () => singleton("usage.output-means", () => new Map<string, number>());

/** Records the length of an answer, in tokens with reasoning, for `likelyOutputTokens`. */
export function recordOutputTokens(modelId: string, tokens: number): void {
  const mean = means().get(modelId) ?? firstMean;
  means().set(modelId, mean + (tokens - mean) * weight);
}

/** Returns the mean length of this process's recent answers of a model, in tokens. */
export function usualOutputTokens(modelId: string): number {
  return Math.round(means().get(modelId) ?? firstMean);
}

/**
 * Returns how long an answer of a model is likely to be at most: twice the mean of this process's recent
 * answers, between 512 and 8,192 tokens. A hold covers it at first (M5).
 */
export function likelyOutputTokens(modelId: string): number {
  return Math.round(Math.min(most, Math.max(least, 2 * (means().get(modelId) ?? firstMean))));
}
