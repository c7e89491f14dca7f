import {
  type ChunkSource,
  contentEvent,
  endMarker,
  errorEvent,
  finishEvent,
  usageEvent,
} from "#lib/chat/api/answer-events.ts";
import { createCompletionCollector } from "#lib/chat/api/cache/collect-completion.ts";
import { storeCollected } from "#lib/chat/api/cache/store-completion.ts";
import type { RunningRequest } from "#lib/chat/api/running-request.ts";
import { type AnswerResult, endAnswer } from "#lib/chat/api/settle-answer.ts";
import { contentRedactor } from "#lib/chat/generation/content-retention.ts";
import { toPublicError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";
import type { ChatStream } from "#lib/gateways/openai/chat-stream.ts";
import type { Delta } from "#lib/gateways/openai/chunk-reader.ts";

type ByteGenerator = AsyncGenerator<Uint8Array, void, undefined>;

const keepAlive = Buffer.from(": waiting for the model\n\n");

/**
 * Returns the answer's bytes once it has begun, or once the client needs a sign of life.
 * @param opening settles when the answer has begun or has failed; it has ended the request in that case
 * @throws what `opening` throws before the first sign of life
 */
export async function createAnswerStream(
  running: RunningRequest,
  opening: Promise<ChatStream>,
  keepAliveMs: number,
): Promise<ByteGenerator> {
  const stream = await settledWithin(opening, keepAliveMs);
  return runToEnd(stream === null ? forwardLate(running, opening, keepAliveMs) : forward(running, stream));
}

/** Starts a generator that is ended before it was started: its `finally` would not run otherwise. */
function runToEnd(generator: ByteGenerator): ByteGenerator {
  const start = generator.next.bind(generator);
  const end = generator.return.bind(generator);
  let hasStarted = false;
  generator.next = () => {
    hasStarted = true;
    return start();
  };
  generator.return = async () => {
    if (!hasStarted) await generator.next();
    return end();
  };
  return generator;
}

/** Resolves with the value, or with null when the time is over first. */
async function settledWithin<T>(promise: Promise<T>, limitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, limitMs, null);
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

async function* forwardLate(
  running: RunningRequest,
  opening: Promise<ChatStream>,
  keepAliveMs: number,
): ByteGenerator {
  let stream: ChatStream | null = null;
  let hasLeft = true;
  try {
    while (stream === null) {
      yield keepAlive;
      stream = await settledWithin(opening, keepAliveMs);
    }
    hasLeft = false;
    yield* forward(running, stream);
  } catch (error) {
    hasLeft = false;
    if (!running.call.signal.aborted) yield errorEvent(toPublicError(error), running.call.requestId);
  } finally {
    // The client left before the answer began: its call is aborted, or is ended here if it has just begun.
    if (hasLeft)
      opening.then(
        (late) => runToEnd(forward(running, late)).return(),
        () => {},
      );
  }
}

/** Yields the bytes of the answer. It is settled once, however it ends, also when the reader leaves. */
async function* forward(running: RunningRequest, stream: ChatStream): ByteGenerator {
  const { output, call } = running;
  const result: AnswerResult = {
    outcome: "stopped",
    target: stream.target,
    hasEnded: false,
    text: "",
    firstTokenMs: null,
    error: null,
  };
  /** Returns the last bytes of a complete answer, which is stored before the client can ask again. */
  const complete = async (last: Buffer) => {
    const bytes = Buffer.concat([last, await endStream(running, stream, hasUsage)]);
    if (collector !== null) await storeCollected(running, stream, collector, bytes);
    return bytes;
  };
  let hasUsage = false;
  const collector = running.store === null ? null : createCompletionCollector();
  try {
    for (let delta = await stream.read(); delta !== null; delta = await stream.read()) {
      recordDelta(running, result, delta);
      hasUsage ||= delta.usage !== null;
      const added = output.add(delta);
      if (typeof added === "boolean" ? added : await added) {
        result.outcome = running.held.answer.isLimiting() ? "out_of_credit" : "length";
        result.hasEnded = delta.done;
        yield await cutStream(running, stream, delta);
        return;
      }
      if (delta.done) {
        // Clients disconnect after the end marker; the answer is complete then.
        Object.assign(result, { outcome: "done", hasEnded: true });
        yield await complete(delta.bytes ?? Buffer.alloc(0));
      } else if (delta.bytes !== null) {
        collector?.add(delta.bytes);
        yield delta.bytes;
      }
    }
    if (result.hasEnded) return;
    Object.assign(result, { outcome: "done", hasEnded: true });
    yield await complete(Buffer.alloc(0));
  } catch (error) {
    if (call.signal.aborted) return;
    result.outcome = "failed";
    result.error = toPublicError(error);
    yield errorEvent(result.error, call.requestId);
  } finally {
    stream.close();
    await endAnswer(running, result).catch((error) =>
      log.error({ err: error, requestId: call.requestId }, "A request was not settled; the sweep will do it"),
    );
  }
}

function recordDelta(running: RunningRequest, result: AnswerResult, delta: Delta): void {
  if (delta.text === "" && delta.reasoning === "" && delta.otherText === "") return;
  if (contentRedactor()) result.text += delta.text;
  if (result.firstTokenMs !== null) return;
  result.firstTokenMs = Math.round(performance.now() - running.startedAtMs);
  metrics.firstTokenSeconds.observe({ model: running.model.id }, result.firstTokenMs / 1_000);
}

function chunkSource({ model, answers }: RunningRequest, { head }: ChatStream): ChunkSource {
  return { model: model.id, answers, head };
}

/**
 * The end marker, after what the upstream left out: a finish reason, and usage if the client requested it.
 */
async function endStream(running: RunningRequest, stream: ChatStream, hasUsage: boolean): Promise<Buffer> {
  const needsUsage = requestsUsage(running) && !hasUsage;
  const needsReason = running.output.finishReason() === null;
  if (!needsUsage && !needsReason) return endMarker;
  return Buffer.concat([
    ...(needsReason ? [finishEvent(chunkSource(running, stream), "stop")] : []),
    ...(needsUsage ? [await ownUsageEvent(running, stream, true)] : []),
    endMarker,
  ]);
}

const requestsUsage = ({ call }: RunningRequest) => call.request.stream_options?.include_usage === true;

async function ownUsageEvent(
  running: RunningRequest,
  stream: ChatStream,
  hasEnded: boolean,
): Promise<Buffer> {
  const end = { hasEnded, hasFailed: false, upstream: stream.target.upstream.name };
  const usage = await running.output.measure(end);
  const none = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
  return usageEvent(chunkSource(running, stream), usage ?? none);
}

/** The end of an answer that exceeds its limit: what is within it, the reason, usage and the end marker. */
async function cutStream(running: RunningRequest, stream: ChatStream, delta: Delta): Promise<Buffer> {
  const source = chunkSource(running, stream);
  const within = await running.output.cut(delta);
  const hasContent = within.text !== "" || within.reasoning !== "";
  return Buffer.concat([
    ...(hasContent ? [contentEvent(source, within)] : []),
    finishEvent(source, "length"),
    ...(requestsUsage(running) ? [await ownUsageEvent(running, stream, delta.done)] : []),
    endMarker,
  ]);
}
