import type { CacheControl } from "#lib/chat/api/cache/cache-control.ts";
import type { CachedAnswer } from "#lib/chat/api/cache/stored-answers.ts";
import type { ApiCaller, HeldRequest } from "#lib/chat/api/request-credit.ts";
import type { CompletionRequest } from "#lib/chat/api/request-schema.ts";
import type { ReceivedAnswer } from "#lib/chat/generation/received-answer.ts";
import type { Moderation } from "#lib/chat/moderation/moderate-input.ts";
import type { Timeouts } from "#lib/gateways/openai/call-timers.ts";
import type { Needs } from "#lib/gateways/openai/request-body.ts";
import type { Model } from "#lib/usage/price-list.ts";

export type ApiCall = {
  caller: ApiCaller;
  request: CompletionRequest;
  requestId: string;
  /** Aborted when the client leaves: the call to the model ends, and what was received is settled. */
  signal: AbortSignal;
  /** Gets the x-ratelimit-* headers, and in x-parley-model the model that answers. */
  headers: Headers;
  /** Whether and how the client allows the cache; null or undefined: not at all. */
  cache?: CacheControl | null;
  timeouts?: Timeouts;
  /** How often a stream that has not begun shows a sign of life, in milliseconds. */
  keepAliveMs?: number;
};

/** A request with its hold, for which the model is called. */
export type RunningRequest = {
  call: ApiCall;
  model: Model;
  held: HeldRequest;
  needs: Needs;
  /** The number of choices that were requested. */
  answers: number;
  startedAtMs: number;
  body: Record<string, unknown>;
  /** The most tokens per choice. */
  maxOutputTokens: number;
  promptTokens: number;
  output: ReceivedAnswer;
  moderation: Moderation;
  /** Stores the complete answer in the cache; null if it must not be stored. */
  store: ((answer: CachedAnswer) => Promise<void>) | null;
  /** Aborted when the client leaves or the input is refused. */
  signal: AbortSignal;
};
