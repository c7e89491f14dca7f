import { offers, plans } from "#lib/billing/plans.ts";
import { requestBucket } from "#lib/chat/api-credit.ts";
import { keepable } from "#lib/chat/live-answer.ts";
import { longestAnswer, longestPrompt, tokensAMessage, tokensAPrompt } from "#lib/chat/prompt.ts";
import type { StartGeneration } from "#lib/chat/stream-events.ts";
import { findModel, type Model } from "#lib/usage/price-list.ts";
import { countText } from "#lib/usage/tokens.ts";

/** A request to answer, with what is known of it before anything is looked up. */
export type Foreseen = {
  input: StartGeneration;
  /** Undefined where the model is not on offer. */
  model: Model | undefined;
  /** The message to write, as it can be kept; null when an earlier one is answered again. */
  message: { id: string; parentId: string | null; text: string; tokens: number } | null;
};

/**
 * Within which bounds a new message to a model is plain: everything it depends on is as usual, so that there is nothing to decide,
 * and the statement that looks it up starts the answer as well. Each bound says less than the rule in decide-start.ts that it stands
 * for; what is outside of one is decided there.
 */
export type Plain = {
  /** Requests a minute by Free, where Free opens the model. */
  free: number | null;
  /** Requests a minute by the lookup key of an offer whose plan opens the model. */
  offers: Record<string, number>;
  /** What the question and the protocol add to the tokens of the branch. */
  ownTokens: number;
  tokensAMessage: number;
  longestPrompt: number;
  longestAnswer: number;
  contextWindow: number;
  /** What the workspace's id is put after, to name the bucket its requests share. */
  bucket: string;
};

/** Reads a request without looking anything up; its text is counted here, once. */
export function foreseeStart(input: StartGeneration): Foreseen {
  const model = findModel(input.model);
  if (input.message === null) return { input, model, message: null };
  const text = keepable(input.message.text);
  const tokens = countText(input.model, text);
  return { input, model, message: { id: input.message.id, parentId: input.parentId, text, tokens } };
}

/** Null where nothing about the request can be plain. */
export function plainBounds({ model, message }: Foreseen): Plain | null {
  if (model === undefined || model.kind !== "chat" || message === null) return null;
  const opening = offers.filter(({ plan }) => plan.gates.includes(model.gate));
  return {
    free: plans.free.gates.includes(model.gate) ? plans.free.requestsPerMinute : null,
    offers: Object.fromEntries(opening.map(({ price, plan }) => [price.lookupKey, plan.requestsPerMinute])),
    ownTokens: tokensAPrompt + message.tokens + tokensAMessage,
    tokensAMessage,
    longestPrompt: longestPrompt(model),
    longestAnswer: longestAnswer(model),
    contextWindow: model.contextWindow,
    bucket: requestBucket(""),
  };
}
