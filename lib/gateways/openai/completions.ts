import { defaultTimeouts, maxCallMs, startTimers, type Timeouts } from "#lib/gateways/openai/call-timers.ts";
import { type ChatStream, startChatStream } from "#lib/gateways/openai/chat-stream.ts";
import { postToUpstream } from "#lib/gateways/openai/client.ts";
import type { Forwarding } from "#lib/gateways/openai/forwarder.ts";
import { type ByteSource, readAll } from "#lib/gateways/openai/http-stream.ts";
import type { Json } from "#lib/gateways/openai/json.ts";
import { type ListResponse, readListResponse } from "#lib/gateways/openai/list-response.ts";
import { type RequestBody, toRequestBody } from "#lib/gateways/openai/request-body.ts";
import { type Target, tryTargets } from "#lib/gateways/openai/try-targets.ts";
import { readWholeAnswer, type WholeAnswer } from "#lib/gateways/openai/whole-answer.ts";

type Call = Omit<RequestBody, "stream"> & {
  /** The requested model, followed by its fallbacks. */
  targets: readonly Target[];
  /** Returns the messages in the form that a model accepts; by default those of the body. */
  messagesFor?: (target: Target) => unknown[];
  /** Returns further fields of the body, as far as a model accepts them. */
  fieldsFor?: (target: Target) => Json;
  /** Aborts the call, which then throws the signal's reason. */
  signal: AbortSignal;
  timeouts?: Timeouts;
};

type StreamedCall = Call & {
  /** How the chunks are passed on; by default they are not. */
  forwarding?: Forwarding;
  /** Whether thinking in the text (`<think>`) becomes reasoning. */
  separateThinking?: boolean;
};

const maxResponseBytes = 64 * 1024 * 1024;

/**
 * Requests a streamed answer with usage at its end. Returns once the answer has begun: an upstream that sends
 * an error or nothing in its place has failed, and is retried like any other.
 * @throws AppError model_busy, model_unavailable, model_failed, model_timeout, context_too_long, bad_request
 */
export async function openChatStream(call: StreamedCall): Promise<ChatStream> {
  const timeouts = call.timeouts ?? defaultTimeouts;
  const timers = startTimers(call.signal, timeouts, longestThinkingMs(call.targets));
  try {
    return await tryTargets(
      call.targets,
      async (target) => {
        timers.startAttempt(target.accepts.maxThinkingMs);
        const source = await post("/chat/completions", { ...call, stream: true }, target, timers.signal);
        return startChatStream({ ...call, target, source, timers, afterFinishMs: timeouts.afterFinishMs });
      },
      { signal: timers.signal, deadlineMs: Date.now() + timeouts.silenceMs },
    );
  } catch (error) {
    timers.stop();
    throw error;
  }
}

function longestThinkingMs(targets: readonly Target[]): number | null {
  return targets.reduce<number | null>((longest, { accepts: { maxThinkingMs } }) => {
    return maxThinkingMs === null ? longest : Math.max(longest ?? 0, maxThinkingMs);
  }, null);
}

function post(path: string, call: Call & { stream?: boolean }, target: Target, signal: AbortSignal) {
  const messages = call.messagesFor?.(target);
  const fields = { ...call.body, ...call.fieldsFor?.(target) };
  const body = messages === undefined ? fields : { ...fields, messages };
  return postToUpstream(
    target.upstream,
    path,
    toRequestBody({ ...call, body }, target.model, target.accepts),
    signal,
  );
}

/** Requests an answer without streaming. Throws like `openChatStream`. */
export function completeChat(call: Call): Promise<WholeAnswer> {
  return requestWhole("/chat/completions", { ...call, stream: false }, async (target, source) =>
    readWholeAnswer(target, await readAll(source, maxResponseBytes)),
  );
}

/** Requests embeddings. Throws like `openChatStream`. */
export function createEmbeddings(call: Call): Promise<ListResponse> {
  return requestWhole("/embeddings", call, (target, source) =>
    readListResponse(target, source, maxResponseBytes),
  );
}

async function requestWhole<T>(
  path: string,
  call: Call & { stream?: boolean },
  read: (target: Target, source: ByteSource) => Promise<T>,
): Promise<T> {
  const timeouts = call.timeouts ?? defaultTimeouts;
  const thinkingMs = longestThinkingMs(call.targets);
  // Without streaming there is no sign of life, so only the total timeout applies.
  const silenceMs = maxCallMs(timeouts, thinkingMs);
  const timers = startTimers(call.signal, { ...timeouts, silenceMs }, thinkingMs);
  try {
    return await tryTargets(
      call.targets,
      async (target) => read(target, await post(path, call, target, timers.signal)),
      { signal: timers.signal, deadlineMs: Date.now() + timeouts.silenceMs },
    );
  } finally {
    timers.stop();
  }
}
