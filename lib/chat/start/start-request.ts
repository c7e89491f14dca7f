import { toStorableText } from "#lib/chat/generation/storable-text.ts";
import type { StartGeneration } from "#lib/chat/generation/stream-events.ts";
import { findModel, type Model } from "#lib/usage/price-list.ts";
import { canCountAtOnce, countText, countTextsInTimeSlices, minimumTokens } from "#lib/usage/tokens.ts";

/** A request to start a generation, with everything that is known without the database. */
export type StartRequest = {
  input: StartGeneration;
  /** Undefined when the model is not in the catalog. */
  model: Model | undefined;
  /** The user message to store; null for a regeneration, which answers an earlier message again. */
  message: { id: string; parentId: string | null; text: string; tokens: number } | null;
  /** False for a long message: `tokens` is a lower bound until `countMessage` has counted it. */
  isCounted: boolean;
};

/** Looks up the model and counts the tokens of the message, unless it is long. */
export function toStartRequest(input: StartGeneration): StartRequest {
  const model = findModel(input.model);
  if (input.message === null) return { input, model, message: null, isCounted: true };
  const text = toStorableText(input.message.text);
  const isCounted = canCountAtOnce([text]);
  const tokens = isCounted ? countText(input.model, text) : minimumTokens(text);
  const message = { id: input.message.id, parentId: input.parentId, text, tokens };
  return { input, model, message, isCounted };
}

/** Counts a long message without blocking the event loop, as far as it fits into the model's context. */
export async function countMessage(request: StartRequest): Promise<StartRequest> {
  const { model, message } = request;
  if (message === null || model === undefined) return request;
  const limits = { total: model.contextWindow };
  const counts = await countTextsInTimeSlices(model.id, [message.text], limits);
  const tokens = counts?.[0] ?? model.contextWindow + 1;
  return { ...request, message: { ...message, tokens }, isCounted: true };
}
