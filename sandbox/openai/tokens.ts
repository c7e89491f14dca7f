import { createHash } from "node:crypto";
import { decode, decodeGenerator, encode } from "gpt-tokenizer/encoding/o200k_base";
import type { ChatRequest } from "./chat-request.ts";

/** A chunk of an answer: one token, or the tokens of one character. */
export type Piece = { text: string; tokens: number };

/** Special tokens in user text are counted as ordinary text. */
const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

export function tokensOf(text: string): number[] {
  return encode(text, asText);
}

export function firstTokens(text: string, count: number): string {
  return decode(tokensOf(text).slice(0, count));
}

/** Splits a text at token boundaries. */
export function* piecesOf(text: string): Generator<Piece> {
  let read = 0;
  let yielded = 0;
  const source = (function* () {
    for (const token of tokensOf(text)) {
      read += 1;
      yield token;
    }
  })();
  for (const piece of decodeGenerator(source)) {
    yield { text: piece, tokens: read - yielded };
    yielded = read;
  }
}

/** The prompt's tokens by OpenAI's published formula: three per message, its parts, three for the answer. */
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
const maxPrefixes = 20_000;

/** OpenAI's prompt cache: the longest known prefix from 1,024 tokens in steps of 128. */
export function createPromptCache() {
  const seen = new Set<string>();
  return {
    clear: () => seen.clear(),
    /** Returns the number of cached tokens and caches the prompt. */
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
        if (seen.size <= maxPrefixes) break;
        seen.delete(oldest);
      }
      return cached;
    },
  };
}
