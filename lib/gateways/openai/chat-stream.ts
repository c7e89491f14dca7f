import { AppError, errorReason } from "#lib/core/errors.ts";
import type { CallTimers, Progress } from "#lib/gateways/openai/call-timers.ts";
import { type ChunkHead, createChunkReader, type Delta } from "#lib/gateways/openai/chunk-reader.ts";
import type { Forwarding } from "#lib/gateways/openai/forwarder.ts";
import type { ByteSource } from "#lib/gateways/openai/http-stream.ts";
import { createThinkSplitter } from "#lib/gateways/openai/think-tags.ts";
import { recordFailure, type Target } from "#lib/gateways/openai/try-targets.ts";
import { MalformedAnswer } from "#lib/gateways/openai/upstream-errors.ts";

/** A streamed answer that has begun. */
export type ChatStream = {
  /** The target that answers. */
  target: Target;
  /** What all chunks share. */
  head: ChunkHead;
  /**
   * Returns what arrived since the last call, or waits for the next data; null at the end. Nothing is
   * received between calls.
   * @throws AppError `model_timeout`, `model_failed` (broken, malformed or incomplete); the signal's reason
   *   if it was aborted
   */
  read(): Promise<Delta | null>;
  close(): void;
};

type StreamOptions = {
  target: Target;
  source: ByteSource;
  timers: CallTimers;
  afterFinishMs: number;
  forwarding?: Forwarding;
  separateThinking?: boolean;
};

/**
 * Reads a response until the answer begins.
 * @throws MalformedAnswer, UpstreamError if it does not begin; the source's error if the connection breaks
 */
export async function startChatStream(options: StreamOptions): Promise<ChatStream> {
  const { target, source, timers } = options;
  const receiver = createReceiver(options);
  const pending: Delta[] = [];
  try {
    for (let hasBegun = false; !hasBegun; ) {
      const delta = await receiver.receive();
      if (delta === null) throw new MalformedAnswer("an answer without content");
      hasBegun = isOutput(delta);
      if (!hasBegun && delta.failure !== null) throw delta.failure;
      if (hasBegun || delta.bytes !== null) pending.push(delta);
    }
  } catch (error) {
    source.close();
    throw error;
  }
  const close = () => {
    timers.stop();
    source.close();
  };
  return {
    target,
    head: receiver.head,
    close,
    async read() {
      const first = pending.shift();
      if (first !== undefined) return first;
      try {
        const delta = await receiver.receive();
        if (delta === null) timers.stop();
        return delta;
      } catch (error) {
        close();
        if (timers.signal.aborted) throw timers.signal.reason;
        throw toModelFailed(target, error);
      }
    },
  };
}

function isOutput({ text, reasoning, otherText, finishReason }: Delta): boolean {
  return text !== "" || reasoning !== "" || otherText !== "" || finishReason !== null;
}

function toModelFailed(target: Target, error: unknown): AppError {
  const details = recordFailure(target, error);
  return new AppError("model_failed", { reason: errorReason("answerBroken"), details, cause: error });
}

/** Reads deltas until the end marker, the end of the response, or a failure. */
function createReceiver({
  target,
  source,
  timers,
  afterFinishMs,
  forwarding,
  separateThinking,
}: StreamOptions) {
  const reader = createChunkReader(forwarding);
  const thinking = separateThinking === true ? createThinkSplitter(target.accepts.startsThinking) : null;
  /** The finish reason has arrived: only usage and the end marker may follow. */
  let isFinished = false;
  let hasEnded = false;
  let failure: Error | null = null;

  /** After the finish reason, a broken connection or silence is the end. */
  async function readBytes(): Promise<Buffer | null> {
    if (!isFinished) return source.read();
    try {
      return await readWithin(source, afterFinishMs);
    } catch (error) {
      if (timers.signal.aborted) throw error;
      return null;
    }
  }

  function separate(delta: Delta, isLast: boolean): void {
    if (thinking === null) return;
    const { text, reasoning } = thinking.feed(delta.text);
    delta.text = text;
    delta.reasoning += reasoning;
    if (!isLast) return;
    const rest = thinking.end();
    delta.text += rest.text;
    delta.reasoning += rest.reasoning;
  }

  return {
    head: reader.head,
    async receive(): Promise<Delta | null> {
      if (failure !== null) throw failure;
      if (hasEnded) return null;
      timers.startReading();
      const bytes = await readBytes();
      const delta = bytes === null ? reader.end() : reader.feed(bytes);
      // A last event that was cut after the finish reason can only be usage.
      if (bytes === null && isFinished) delta.failure = null;
      isFinished ||= delta.done || delta.finishReason !== null;
      hasEnded = bytes === null || delta.done;
      if (hasEnded && !isFinished) delta.failure ??= new MalformedAnswer("an answer without an end");
      failure = delta.failure;
      separate(delta, hasEnded || failure !== null);
      timers.stopReading(progressOf(delta));
      if (delta.done) source.release();
      return delta;
    },
  };
}

function progressOf({ text, reasoning, otherText }: Delta): Progress {
  if (text !== "" || otherText !== "") return "text";
  return reasoning === "" ? "bytes" : "reasoning";
}

/** Reads with a time limit; null, and a closed source, when it is over. */
async function readWithin(source: ByteSource, limitMs: number): Promise<Buffer | null> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<null>((resolve) => {
    timer = setTimeout(() => {
      resolve(null);
      source.close();
    }, limitMs);
  });
  try {
    return await Promise.race([source.read(), expired]);
  } finally {
    clearTimeout(timer);
  }
}
