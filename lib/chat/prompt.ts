import { AppError } from "#lib/core/errors.ts";
import type { Model } from "#lib/usage/price-list.ts";

/** A message as the model gets it. */
export type PromptMessage = { role: "user" | "assistant"; content: string };
export type CountedMessage = PromptMessage & { tokens: number };

/** An answer in the chat is never longer than this, so that one answer does not hold all of a person's credit. */
const longestAnswerTokens = 16_384;
/** Room that a prompt leaves for the answer, at least. */
const answerRoomTokens = 1_024;
/** What the protocol itself adds to each message, and to the whole. */
export const tokensAMessage = 4;
export const tokensAPrompt = 3;

/** The longest prompt that a model is sent, in tokens. */
export function longestPrompt({ contextWindow }: Pick<Model, "contextWindow">): number {
  return contextWindow - Math.min(answerRoomTokens, Math.floor(contextWindow / 4));
}

/** The longest answer to any prompt, in tokens; what a prompt leaves of the context window may be less. */
export function longestAnswer({ maxOutputTokens }: Pick<Model, "maxOutputTokens">): number {
  return Math.min(maxOutputTokens, longestAnswerTokens);
}

/**
 * Leaves out the oldest messages until the prompt fits, and never begins with an answer. The last message always stays:
 * where it alone is too long, the person is told.
 * @throws AppError context_too_long
 */
export function fitPrompt(
  messages: CountedMessage[],
  model: Pick<Model, "contextWindow" | "label">,
): { prompt: PromptMessage[]; promptTokens: number; droppedMessages: number } {
  const roomTokens = longestPrompt(model);
  let promptTokens = tokensAPrompt;
  let first = messages.length;
  for (let index = messages.length - 1; index >= 0; index--) {
    const tokens = (messages[index]?.tokens ?? 0) + tokensAMessage;
    if (promptTokens + tokens > roomTokens) break;
    promptTokens += tokens;
    first = index;
  }
  while (first < messages.length - 1 && messages[first]?.role === "assistant" && first > 0) {
    promptTokens -= (messages[first]?.tokens ?? 0) + tokensAMessage;
    first += 1;
  }
  const kept = messages.slice(first);
  if (kept.length === 0) {
    throw new AppError("context_too_long", {
      message: `This message is too long for ${model.label}. Shorten it, or choose a model with a larger context.`,
    });
  }
  const prompt = kept.map(({ role, content }) => ({ role, content }));
  return { prompt, promptTokens, droppedMessages: first };
}

const longestDraftTitle = 60;

/** The first words of the question, until a model has found a better title. */
export function draftTitleOf(question: string): string {
  const words = question.replace(/\s+/g, " ").trim();
  if (words.length <= longestDraftTitle) return words;
  const cut = words.slice(0, longestDraftTitle).toWellFormed();
  const lastSpace = cut.lastIndexOf(" ");
  return `${lastSpace > 20 ? cut.slice(0, lastSpace) : cut}…`;
}
