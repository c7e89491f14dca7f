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

/** Timeouts of a model request. */
export type Timeouts = { firstTokenMs: number; betweenTokensMs: number; totalMs: number };
export const defaultTimeouts: Timeouts = { firstTokenMs: 30_000, betweenTokensMs: 60_000, totalMs: 600_000 };

type Call = {
  /** The requested model, followed by its fallbacks. */
  targets: readonly Target[];
  /** The request body of OpenAI's API without `model` and `stream`. */
  body: Record<string, unknown>;
  /** Aborts the call, which then throws the signal's reason. */
  signal: AbortSignal;
  timeouts?: Timeouts;
};

/** A streamed answer. */
export type ChatStream = {
  /** The target that answers. */
  target: Target;
  /**
   * Returns what arrived since the last call, or waits for the next data; null at the end. Nothing is
   * received between calls.
   * @throws AppError `model_timeout`, `model_failed` (broken, malformed or incomplete); the signal's reason
   *   if it was aborted
   */
  read(): Promise<Delta | null>;
  close(): void;
};

const maxResponseBytes = 64 * 1024 * 1024;

/**
 * Requests a streamed answer with usage at its end.
 * @throws AppError model_busy, model_unavailable, model_failed, model_timeout, context_too_long, bad_request
 */
export async function openChatStream(call: Call & { stripUsage?: boolean }): Promise<ChatStream> {
  const timers = startTimers(call.signal, call.timeouts ?? defaultTimeouts);
  const given = call.body.stream_options;
  const streamOptions = { ...(given instanceof Object && given), include_usage: true };
  try {
    const { target, source } = await tryTargets(
      call.targets,
      async (target) => {
        const body = { ...call.body, model: target.model, stream: true, stream_options: streamOptions };
        return {
          target,
          source: await postToUpstream(target.upstream, "/chat/completions", body, timers.signal),
        };
      },
      { signal: timers.signal, deadlineMs: Date.now() + timers.timeouts.firstTokenMs },
    );
    return createChatStream(target, source, timers, call.stripUsage ?? false);
  } catch (error) {
    timers.stop();
    throw error;
  }
}

function createChatStream(
  target: Target,
  source: ByteSource,
  timers: CallTimers,
  stripUsage: boolean,
): ChatStream {
  const reader = createChunkReader({ stripUsage });
  let complete = false;
  const close = () => {
    timers.stop();
    source.close();
  };
  return {
    target,
    close,
    async read() {
      timers.setWaiting(true);
      try {
        const bytes = await source.read();
        if (bytes === null) {
          if (!complete) throw new Error("The answer ended early.");
          close();
          return null;
        }
        const delta = reader.feed(bytes);
        complete ||= delta.done || delta.finishReason !== null;
        timers.setWaiting(false);
        if (delta.text !== "" || delta.otherText !== "") timers.sawToken();
        return delta;
      } catch (error) {
        close();
        if (timers.signal.aborted) throw timers.signal.reason;
        throw toModelFailed(target, error);
      }
    },
  };
}

/** Logs the shape of an invalid response, never its text. */
function toModelFailed(target: Target, error: unknown): AppError {
  const shape = error instanceof MalformedChunk ? error.shape : undefined;
  const upstreamCode = error instanceof UpstreamStreamError ? error.code : undefined;
  log.warn(
    { upstream: target.upstream.name, model: target.model, shape, upstreamCode },
    "A model response failed",
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
  /** Whether a read is pending: the timeout between tokens applies only then. */
  setWaiting(isWaiting: boolean): void;
  sawToken(): void;
  stop(): void;
};

/**
 * Aborts a call if the upstream is silent for too long. Time in which the caller does not read is not
 * counted.
 */
function startTimers(outer: AbortSignal, timeouts: Timeouts): CallTimers {
  const controller = new AbortController();
  const onOuter = () => controller.abort(outer.reason);
  if (outer.aborted) onOuter();
  else outer.addEventListener("abort", onOuter, { once: true });
  let isReading = true;
  let hasToken = false;
  const expire = () => controller.abort(new AppError("model_timeout"));
  const total = setTimeout(expire, timeouts.totalMs);
  const first = setTimeout(expire, timeouts.firstTokenMs);
  let between: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    timeouts,
    setWaiting(isWaiting) {
      isReading = isWaiting;
      if (isWaiting) between?.refresh();
    },
    sawToken() {
      if (hasToken) return;
      hasToken = true;
      clearTimeout(first);
      between = setTimeout(() => isReading && expire(), timeouts.betweenTokensMs);
    },
    stop() {
      outer.removeEventListener("abort", onOuter);
      clearTimeout(total);
      clearTimeout(first);
      clearTimeout(between);
    },
  };
}

/** A response that is not streamed, as the upstream sent it. */
export type WholeResponse = { target: Target; json: Record<string, unknown>; usage: TokenUsage | null };

/** Requests an answer without streaming. Throws like `openChatStream`. */
export function completeChat(call: Call): Promise<WholeResponse> {
  return requestWhole("/chat/completions", { ...call, body: { ...call.body, stream: false } });
}

/** Requests embeddings. Throws like `openChatStream`. */
export function createEmbeddings(call: Call): Promise<WholeResponse> {
  return requestWhole("/embeddings", call);
}

async function requestWhole(path: string, call: Call): Promise<WholeResponse> {
  const timeouts = call.timeouts ?? defaultTimeouts;
  // Without streaming, only the total timeout applies.
  const timers = startTimers(call.signal, { ...timeouts, firstTokenMs: timeouts.totalMs });
  try {
    return await tryTargets(
      call.targets,
      async (target) => {
        const body = { ...call.body, model: target.model };
        const source = await postToUpstream(target.upstream, path, body, timers.signal);
        return readJson(target, await readAll(source, maxResponseBytes));
      },
      { signal: timers.signal, deadlineMs: Date.now() + timeouts.firstTokenMs },
    );
  } finally {
    timers.stop();
  }
}

function readJson(target: Target, bytes: Buffer): WholeResponse {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw toModelFailed(
      target,
      new MalformedChunk(`${bytes.length} bytes that are not JSON (${String(error).slice(0, 12)})`),
    );
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw toModelFailed(target, new MalformedChunk("a response that is not an object"));
  }
  // Checked above: an object that is not an array.
  const record = json as Record<string, unknown>;
  return { target, json: record, usage: parseUsage(record.usage) };
}
