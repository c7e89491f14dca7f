import { toStorableText } from "#lib/chat/generation/storable-text.ts";
import type { HistoryMessage, StartGeneration } from "#lib/chat/generation/stream-events.ts";
import { findModel, type Model } from "#lib/usage/price-list.ts";
import { canCountAtOnce, countText, countTextsInTimeSlices, minimumTokens } from "#lib/usage/tokens.ts";

/** A request to start a generation, with everything that is known without the database. */
export type StartRequest = {
  input: StartGeneration;
  /** Undefined when the model is not in the catalog. */
  model: Model | undefined;
  /** The user message to store; null for a regeneration or a continuation. */
  message: { id: string; parentId: string | null; text: string; tokens: number } | null;
  /** The ids of the message's files, which the database has to confirm. */
  attachmentIds: readonly string[];
  /** The earlier messages of a temporary chat, oldest first; null for a stored chat. */
  history: CountedHistory | null;
  /**
   * The message that the conversation ends with after the start: the user's message while its answers are
   * compared, else null for the answer.
   */
  leafId: string | null;
  /** False for long texts: their `tokens` are a lower bound until `countTokens` has counted them. */
  isCounted: boolean;
};

/** `hasMore`: older messages do not fit into the context and were left out. */
type CountedHistory = { messages: (HistoryMessage & { tokens: number })[]; hasMore: boolean };

/** Looks up the model and counts the tokens of the texts, unless they are long. */
export function toStartRequest(input: StartGeneration, leafId: string | null = null): StartRequest {
  const model = findModel(input.model);
  const text = input.message === null ? null : toStorableText(input.message.text);
  const earlier = (input.temporary?.history ?? [])
    .map((one) => ({ ...one, text: toStorableText(one.text) }))
    .filter((one) => one.text !== "");
  const isCounted = canCountAtOnce([...earlier.map((one) => one.text), text ?? ""]);
  const tokensOf = (one: string) => (isCounted ? countText(input.model, one) : minimumTokens(one));
  const messages = earlier.map((one) => ({ ...one, tokens: tokensOf(one.text) }));
  return {
    input,
    model,
    attachmentIds: input.message?.attachments ?? [],
    message:
      input.message === null || text === null
        ? null
        : { id: input.message.id, parentId: input.parentId, text, tokens: tokensOf(text) },
    history: input.temporary === undefined ? null : { messages, hasMore: false },
    leafId,
    isCounted,
  };
}

/** Counts long texts without blocking the event loop, as far as they fit into the model's context. */
export async function countTokens(request: StartRequest): Promise<StartRequest> {
  const { model, message, history } = request;
  if (model === undefined) return request;
  const tokens = message === null ? 0 : await countWithin(model, message.text, model.contextWindow);
  return {
    ...request,
    message: message === null ? null : { ...message, tokens },
    history: history === null ? null : await countHistory(model, history, model.contextWindow - tokens),
    isCounted: true,
  };
}

/** Counts from the newest message to the first that does not fit. */
async function countHistory(
  model: Model,
  { messages }: CountedHistory,
  maxTokens: number,
): Promise<CountedHistory> {
  const counted: CountedHistory["messages"] = [];
  let left = maxTokens;
  for (const message of messages.toReversed()) {
    const tokens = await countWithin(model, message.text, Math.max(0, left));
    left -= tokens;
    if (left < 0) return { messages: counted.reverse(), hasMore: true };
    counted.push({ ...message, tokens });
  }
  return { messages: counted.reverse(), hasMore: false };
}

/** Returns the tokens of a text, or one more than `total` if it has more. */
async function countWithin(model: Model, text: string, total: number): Promise<number> {
  return (await countTextsInTimeSlices(model.id, [text], { total }))?.[0] ?? total + 1;
}
