import { createHash } from "node:crypto";
import { decode, decodeGenerator, encode } from "gpt-tokenizer/encoding/o200k_base";
import type { ChatRequest } from "./chat-request.ts";

/** A part of an answer that can be sent: one token, or the few that make up one character. */
export type Piece = { text: string; tokens: number };

/** Special tokens are text like any other when a user writes them. */
const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

export function tokensOf(text: string): number[] {
  return encode(text, asText);
}

export function firstTokens(text: string, count: number): string {
  return decode(tokensOf(text).slice(0, count));
}

/** Cuts a text where its tokens end, so that it can be sent as a model sends it. */
export function* piecesOf(text: string): Generator<Piece> {
  let read = 0;
  let told = 0;
  const source = (function* () {
    for (const token of tokensOf(text)) {
      read += 1;
      yield token;
    }
  })();
  for (const piece of decodeGenerator(source)) {
    yield { text: piece, tokens: read - told };
    told = read;
  }
}

/** A prompt's tokens by OpenAI's published recipe: three a message, its parts, three to begin the answer. */
export function promptTokensOf({ messages, tools }: ChatRequest): number[] {
  const offered = tools.length > 0 ? tokensOf(JSON.stringify(tools)) : [];
  const written = messages.flatMap((message) => [
    ...[0, 0, 0],
    ...tokensOf(message.role),
    ...tokensOf(message.text),
    ...(message.toolCalls === "" ? [] : tokensOf(message.toolCalls)),
    ...new Array<number>(message.images * 85).fill(0),
  ]);
  return [...offered, ...written, 0, 0, 0];
}

const blockTokens = 128;
const shortestCachedTokens = 1024;
const keptPrefixes = 20_000;

/**
 * OpenAI's prompt cache: the longest beginning seen before, from 1,024 tokens on in steps of 128.
 */
export function createPromptCache() {
  const seen = new Set<string>();
  return {
    clear: () => seen.clear(),
    /** How many of these tokens were cached; from now on they all are. */
    read(model: string, tokens: readonly number[]): number {
      const hash = createHash("sha1").update(model);
      let cached = 0;
      for (let end = blockTokens; end <= tokens.length; end += blockTokens) {
        hash.update(tokens.slice(end - blockTokens, end).join());
        const prefix = hash.copy().digest("base64");
        if (seen.has(prefix) && end >= shortestCachedTokens) cached = end;
        seen.add(prefix);
      }
      for (const oldest of seen) {
        if (seen.size <= keptPrefixes) break;
        seen.delete(oldest);
      }
      return cached;
    },
  };
}
