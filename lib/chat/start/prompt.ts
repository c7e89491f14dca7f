import type { PromptMessage } from "#lib/chat/files/model-messages.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import type { Model } from "#lib/usage/price-list.ts";
import { tokensPerMessage, tokensPerPrompt } from "#lib/usage/protocol-tokens.ts";

/** `id`: undefined for a message that is not stored, or that a temporary chat does not name. */
export type CountedMessage = PromptMessage & { tokens: number; id?: string | undefined };

/** The longest answer in the chat, so that one answer does not hold all credit of a workspace. */
const maxChatAnswerTokens = 16_384;
/** The least part of the context window that a prompt leaves for the answer. */
const reservedAnswerTokens = 1_024;

/** Returns the longest prompt that a model is sent, in tokens. */
export function maxPromptTokens({ contextWindow }: Pick<Model, "contextWindow">): number {
  return contextWindow - Math.min(reservedAnswerTokens, Math.floor(contextWindow / 4));
}

/** Returns the longest answer to any prompt, in tokens; the prompt may leave less of the context window. */
export function maxAnswerTokens({ maxOutputTokens }: Pick<Model, "maxOutputTokens">): number {
  return Math.min(maxOutputTokens, maxChatAnswerTokens);
}

/**
 * Drops the oldest messages until the prompt fits, so that it does not begin with an answer. The last
 * `required` messages always stay.
 * @throws AppError context_too_long when they do not fit
 */
export function fitPrompt(
  messages: CountedMessage[],
  model: Pick<Model, "contextWindow" | "label">,
  required = 1,
): {
  prompt: PromptMessage[];
  promptTokens: number;
  droppedMessages: number;
  /** The id of the prompt's first message. */
  firstId: string | undefined;
} {
  const maxTokens = maxPromptTokens(model);
  let promptTokens = tokensPerPrompt;
  let first = messages.length;
  for (let index = messages.length - 1; index >= 0; index--) {
    const tokens = (messages[index]?.tokens ?? 0) + tokensPerMessage;
    if (promptTokens + tokens > maxTokens) break;
    promptTokens += tokens;
    first = index;
  }
  while (first < messages.length - required && messages[first]?.role === "assistant" && first > 0) {
    promptTokens -= (messages[first]?.tokens ?? 0) + tokensPerMessage;
    first += 1;
  }
  const included = messages.slice(first);
  if (included.length < Math.min(required, messages.length)) {
    throw new AppError("context_too_long", {
      reason: errorReason("messageTooLong", { model: model.label }),
    });
  }
  const prompt = included.map(({ tokens: _tokens, id: _id, ...message }) => message);
  return { prompt, promptTokens, droppedMessages: first, firstId: included[0]?.id };
}

const maxTitleLength = 60;

/** Returns the first words of a message as a title, until the title model has found a better one. */
export function draftTitle(text: string): string {
  const words = text.replace(/\s+/g, " ").trim();
  if (words.length <= maxTitleLength) return words;
  const cut = words.slice(0, maxTitleLength).toWellFormed();
  const lastSpace = cut.lastIndexOf(" ");
  return `${lastSpace > 20 ? cut.slice(0, lastSpace) : cut}…`;
}
