import { AppError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";
import {
  createChunkReader,
  type Delta,
  MalformedChunk,
  parseUsage,
  type TokenUsage,
  UpstreamStreamError,
} from "#lib/gateways/openai/chunk-reader.ts";
import { postToUpstream } from "#lib/gateways/openai/client.ts";
import { type ByteSource, readAll } from "#lib/gateways/openai/http-stream.ts";
import { type Target, tryTargets } from "#lib/gateways/openai/try-targets.ts";

/** How long an upstream may take, in milliseconds. */
export type Timeouts = { firstTokenMs: number; betweenTokensMs: number; totalMs: number };
export const defaultTimeouts: Timeouts = { firstTokenMs: 30_000, betweenTokensMs: 60_000, totalMs: 600_000 };

type Call = {
  /** The model asked for, then those that may stand in for it. */
  targets: readonly Target[];
  /** The request as OpenAI's protocol has it, without `model` and `stream`. */
  body: Record<string, unknown>;
  /** Ends the call; what is thrown then is the signal's reason. */
  signal: AbortSignal;
  timeouts?: Timeouts;
};

/** An answer that is being received. */
export type ChatStream = {
  /** Who answers: the first target, or one that stands in for it. */
  target: Target;
  /**
   * What has come since the last call, or what comes next; null at the answer's end. Nothing is received while nobody asks.
   * @throws AppError model_timeout, model_failed (broken, malformed or cut); the signal's reason when it was aborted
   */
  read(): Promise<Delta | null>;
  close(): void;
};

const maxResponseBytes = 64 * 1024 * 1024;

/**
 * Asks for a streamed answer, with usage at its end.
 * @throws AppError model_busy, model_unavailable, model_failed, model_timeout, context_too_long, bad_request
 */
export async function openChatStream(call: Call & { stripUsage?: boolean }): Promise<ChatStream> {
  const clock = startTimers(call.signal, call.timeouts ?? defaultTimeouts);
  const asked = call.body.stream_options;
  const streamOptions = { ...(asked instanceof Object && asked), include_usage: true };
  try {
    const { target, source } = await tryTargets(
      call.targets,
      async (target) => {
        const body = { ...call.body, model: target.model, stream: true, stream_options: streamOptions };
        return {
          target,
          source: await postToUpstream(target.upstream, "/chat/completions", body, clock.signal),
        };
      },
      { signal: clock.signal, deadlineMs: Date.now() + clock.timeouts.firstTokenMs },
    );
    return createChatStream(target, source, clock, call.stripUsage ?? false);
  } catch (error) {
    clock.stop();
    throw error;
  }
}

function createChatStream(
  target: Target,
  source: ByteSource,
  clock: CallTimers,
  stripUsage: boolean,
): ChatStream {
  const reader = createChunkReader({ stripUsage });
  let complete = false;
  const close = () => {
    clock.stop();
    source.close();
  };
  return {
    target,
    close,
    async read() {
      clock.waiting(true);
      try {
        const bytes = await source.read();
        if (bytes === null) {
          if (!complete) throw new Error("The answer was cut off.");
          close();
          return null;
        }
        const delta = reader.feed(bytes);
        complete ||= delta.done || delta.finishReason !== null;
        clock.waiting(false);
        if (delta.text !== "" || delta.otherText !== "") clock.sawToken();
        return delta;
      } catch (error) {
        close();
        if (clock.signal.aborted) throw clock.signal.reason;
        throw toModelFailed(target, error);
      }
    },
  };
}

/** Logs what came instead of an answer by its shape, never by its text. */
function toModelFailed(target: Target, error: unknown): AppError {
  const shape = error instanceof MalformedChunk ? error.shape : undefined;
  const upstreamCode = error instanceof UpstreamStreamError ? error.code : undefined;
  log.warn(
    { upstream: target.upstream.name, model: target.model, shape, upstreamCode },
    "An upstream's answer broke off",
  );
  return new AppError("model_failed", {
    message: "The model's answer broke off.",
    details: { shape, upstreamCode },
    cause: error,
  });
}

type CallTimers = {
  signal: AbortSignal;
  timeouts: Timeouts;
  /** Whether we wait for the upstream right now: only then does its silence count. */
  waiting(yes: boolean): void;
  sawToken(): void;
  stop(): void;
};

/** Ends a call when the upstream is silent for too long; the caller's own slowness is not held against it. */
function startTimers(outer: AbortSignal, timeouts: Timeouts): CallTimers {
  const controller = new AbortController();
  const onOuter = () => controller.abort(outer.reason);
  if (outer.aborted) onOuter();
  else outer.addEventListener("abort", onOuter, { once: true });
  let waits = true;
  let answered = false;
  const expire = () => controller.abort(new AppError("model_timeout"));
  const total = setTimeout(expire, timeouts.totalMs);
  const first = setTimeout(expire, timeouts.firstTokenMs);
  let between: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    timeouts,
    waiting(yes) {
      waits = yes;
      if (yes) between?.refresh();
    },
    sawToken() {
      if (answered) return;
      answered = true;
      clearTimeout(first);
      between = setTimeout(() => waits && expire(), timeouts.betweenTokensMs);
    },
    stop() {
      outer.removeEventListener("abort", onOuter);
      clearTimeout(total);
      clearTimeout(first);
      clearTimeout(between);
    },
  };
}

/** A whole answer at once, as the upstream sent it. */
export type WholeResponse = { target: Target; json: Record<string, unknown>; usage: TokenUsage | null };

/** Asks for an answer in one piece. Throws as `openChatStream` does. */
export function completeChat(call: Call): Promise<WholeResponse> {
  return requestWhole("/chat/completions", { ...call, body: { ...call.body, stream: false } });
}

/** Asks for embeddings. Throws as `openChatStream` does. */
export function createEmbeddings(call: Call): Promise<WholeResponse> {
  return requestWhole("/embeddings", call);
}

async function requestWhole(path: string, call: Call): Promise<WholeResponse> {
  const timeouts = call.timeouts ?? defaultTimeouts;
  // An answer in one piece has no first token to wait for: only the whole has its limit.
  const clock = startTimers(call.signal, { ...timeouts, firstTokenMs: timeouts.totalMs });
  try {
    return await tryTargets(
      call.targets,
      async (target) => {
        const body = { ...call.body, model: target.model };
        const source = await postToUpstream(target.upstream, path, body, clock.signal);
        return readJson(target, await readAll(source, maxResponseBytes));
      },
      { signal: clock.signal, deadlineMs: Date.now() + timeouts.firstTokenMs },
    );
  } finally {
    clock.stop();
  }
}

function readJson(target: Target, bytes: Buffer): WholeResponse {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw toModelFailed(
      target,
      new MalformedChunk(`${bytes.length} bytes that are no JSON (${String(error).slice(0, 12)})`),
    );
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw toModelFailed(target, new MalformedChunk("an answer that is no object"));
  }
  // Checked above: an object that is no array is a record of unknown values.
  const record = json as Record<string, unknown>;
  return { target, json: record, usage: parseUsage(record.usage) };
}
