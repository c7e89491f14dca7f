import { now } from "#lib/core/clock.ts";
import type { AppError } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";
import type { ChunkHead } from "#lib/gateways/openai/chunk-reader.ts";
import { encodeEvent } from "#lib/gateways/openai/forwarder.ts";
import type { Tokens } from "#lib/usage/charge.ts";

/** What the chunks of a request share. */
export type ChunkSource = {
  /** The requested model. */
  model: string;
  /** The number of choices that were requested. */
  answers: number;
  head: ChunkHead;
};

/** The end marker of a stream. */
export const endMarker = Buffer.from("data: [DONE]\n\n");

/** Encodes a chunk with what was received within the limit. */
export function contentEvent(
  source: ChunkSource,
  { text, reasoning }: { text: string; reasoning: string },
): Buffer {
  const delta = {
    ...(reasoning !== "" && { reasoning_content: reasoning }),
    ...(text !== "" && { content: text }),
  };
  return encodeEvent(chunk(source, [{ index: 0, delta, logprobs: null, finish_reason: null }]));
}

/** Encodes the chunk that ends all choices. */
export function finishEvent(source: ChunkSource, reason: "length" | "stop"): Buffer {
  const choices = Array.from({ length: source.answers }, (_, index) => ({
    index,
    delta: {},
    logprobs: null,
    finish_reason: reason,
  }));
  return encodeEvent(chunk(source, choices));
}

/** Encodes the last chunk of a stream with usage. */
export function usageEvent(source: ChunkSource, tokens: Tokens): Buffer {
  return encodeEvent({ ...chunk(source, []), usage: usageOf(tokens) });
}

/** Usage in OpenAI's form. */
export function usageOf({ promptTokens, completionTokens, cachedTokens }: Tokens) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

/** Encodes an error within a stream. */
export function errorEvent({ code, message }: AppError, requestId: string): Buffer {
  const error = { message, type: "server_error", param: null, code, request_id: requestId };
  return encodeEvent({ error });
}

function chunk({ head, model }: ChunkSource, choices: object[]) {
  // Remembered, so that several chunks of an upstream without ids have the same one.
  head.id ??= `chatcmpl-${newId()}`;
  head.created ??= Math.floor(now().getTime() / 1_000);
  return { id: head.id, object: "chat.completion.chunk", created: head.created, model, choices };
}
