import { toStorableText } from "#lib/chat/generation/storable-text.ts";
import type { StartGeneration } from "#lib/chat/generation/stream-events.ts";
import { findModel, type Model } from "#lib/usage/price-list.ts";
import { countText } from "#lib/usage/tokens.ts";

/** A request to start a generation, with everything that is known without the database. */
export type StartRequest = {
  input: StartGeneration;
  /** Undefined when the model is not in the catalog. */
  model: Model | undefined;
  /** The user message to store; null for a regeneration, which answers an earlier message again. */
  message: { id: string; parentId: string | null; text: string; tokens: number } | null;
};

/** Looks up the model and counts the tokens of the message. */
export function toStartRequest(input: StartGeneration): StartRequest {
  const model = findModel(input.model);
  if (input.message === null) return { input, model, message: null };
  const text = toStorableText(input.message.text);
  const tokens = countText(input.model, text);
  return { input, model, message: { id: input.message.id, parentId: input.parentId, text, tokens } };
}
