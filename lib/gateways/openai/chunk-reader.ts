import { readContent } from "#lib/gateways/openai/content.ts";
import { readErrorBody, type UpstreamErrorBody } from "#lib/gateways/openai/error-body.ts";
import { createEventSplitter } from "#lib/gateways/openai/event-splitter.ts";
import {
  type FinishReason,
  isOpenAiFinishReason,
  toFinishReason,
} from "#lib/gateways/openai/finish-reason.ts";
import { createForwarder, type Forwarding } from "#lib/gateways/openai/forwarder.ts";
import { isObject, type Json } from "#lib/gateways/openai/json.ts";
import type { SetAside } from "#lib/gateways/openai/set-aside.ts";
import { createToolIndexes } from "#lib/gateways/openai/tool-indexes.ts";
import { MalformedAnswer, toUpstreamError, UpstreamError } from "#lib/gateways/openai/upstream-errors.ts";
import { readUsage, type TokenUsage } from "#lib/gateways/openai/usage.ts";

/** The merged content of the chunks that one read returned. */
export type Delta = {
  /** The chunks in OpenAI's form, for callers that pass them on; null if there are none. */
  bytes: Buffer | null;
  /** Text of the answer. */
  text: string;
  /** The model's thinking. */
  reasoning: string;
  /**
   * Other output of the model (tool calls, further choices), which is charged but is not part of the answer's
   * text.
   */
  otherText: string;
  /** Of the first choice. */
  finishReason: FinishReason | null;
  usage: TokenUsage | null;
  /** True after the upstream's end marker. */
  done: boolean;
  /** Why the answer ends here. The content before it counts. */
  failure: Error | null;
};

/** The fields that all chunks of an answer share; of the first chunk. */
export type ChunkHead = { id: string | null; created: number | null; model: string | null };

const colon = 0x3a;

export type ChunkReader = {
  /** Takes bytes that may end within an event, and returns the content of the complete events. */
  feed(bytes: Buffer): Delta;
  /** Returns the content of what was incomplete at the end of the response. */
  end(): Delta;
  readonly head: ChunkHead;
};

/**
 * Parses the server-sent events of a chat completion, in every form that upstreams send (docs/upstreams.md).
 * Each event is decoded once; only the bytes of an incomplete event are kept between calls. A response that
 * is a whole completion, although a stream was requested, is read like a stream of one chunk.
 * @param forwarding how chunks are passed on; undefined if they are not
 */
export function createChunkReader(forwarding?: Forwarding): ChunkReader {
  const head: ChunkHead = { id: null, created: null, model: null };
  const forwarder = forwarding === undefined ? null : createForwarder(forwarding);
  const splitter = createEventSplitter();
  const toolIndexes = createToolIndexes();
  let delta = emptyDelta();

  /** Reads an event; what follows the end marker or a failure is ignored. */
  function readEvent(bytes: Buffer, payloads: string[], isError: boolean, aside: SetAside | null): void {
    if (delta.done || delta.failure !== null) return;
    // A comment is passed on; an event without data would be an empty chunk for some clients.
    if (payloads.length === 0 && bytes[0] === colon) forwarder?.pass(bytes);
    const isWhole = splitter.isWholeResponse() || payloads.length > 1;
    for (const payload of payloads) {
      if (payload === "[DONE]") delta.done = true;
      else readPayload(payload, { bytes: isWhole ? null : bytes, isError, aside });
    }
  }

  type Source = { bytes: Buffer | null; isError: boolean; aside: SetAside | null };

  /** @param source.bytes the event; null if it has to be encoded again */
  function readPayload(payload: string, { bytes, isError, aside }: Source): void {
    try {
      const chunk = parseChunk(payload, isError);
      const kind = readChunk(chunk, delta, toolIndexes);
      if (kind === "unknown") return;
      rememberHead(head, chunk);
      forwarder?.forward(chunk, kind === "changed" ? null : bytes, aside);
    } catch (error) {
      if (!(error instanceof MalformedAnswer || error instanceof UpstreamError)) throw error;
      delta.failure ??= error;
    }
  }

  function recordFailure(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof MalformedAnswer)) throw error;
      delta.failure ??= error;
    }
  }

  function take(): Delta {
    const taken = delta;
    taken.bytes = forwarder?.take() ?? null;
    delta = emptyDelta();
    return taken;
  }

  return {
    head,
    feed(bytes) {
      recordFailure(() => splitter.feed(bytes, readEvent));
      return take();
    },
    end() {
      recordFailure(() => splitter.end(readEvent));
      if (splitter.isWholeResponse()) delta.done = delta.failure === null;
      return take();
    },
  };
}

type ToolIndexes = ReturnType<typeof createToolIndexes>;

function emptyDelta(): Delta {
  return {
    bytes: null,
    text: "",
    reasoning: "",
    otherText: "",
    finishReason: null,
    usage: null,
    done: false,
    failure: null,
  };
}

/** @throws MalformedAnswer, UpstreamError */
function parseChunk(payload: string, isError: boolean): Json {
  let chunk: unknown;
  try {
    chunk = JSON.parse(payload);
  } catch {
    throw new MalformedAnswer(`${payload.length} characters that are not JSON`);
  }
  const error = readErrorBody(chunk, isError);
  if (error !== null) throw toUpstreamError(error);
  if (!isObject(chunk)) throw new MalformedAnswer(`a JSON ${chunk === null ? "null" : typeof chunk}`);
  return chunk;
}

/**
 * Merges a chunk into `delta`, and converts it to OpenAI's form.
 * @returns "changed" if it was converted; "unknown" if it has neither choices nor usage, as Azure's content
 *   filter results and events of other protocols
 */
function readChunk(chunk: Json, delta: Delta, tools: ToolIndexes): "same" | "changed" | "unknown" {
  const usage = readUsage(chunk);
  if (usage !== null) delta.usage = usage;
  const { choices } = chunk;
  if (choices !== undefined && choices !== null && !Array.isArray(choices))
    throw new MalformedAnswer("choices that are not a list");
  if (!Array.isArray(choices) || choices.length === 0) {
    if (usage === null) return "unknown";
    if (Array.isArray(choices)) return "same";
    chunk.choices = [];
    return "changed";
  }
  let isChanged = false;
  for (const choice of choices) isChanged = readChoice(choice, delta, tools) || isChanged;
  if (chunk.object !== "chat.completion") return isChanged ? "changed" : "same";
  chunk.object = "chat.completion.chunk";
  return "changed";
}

/** Merges a choice into `delta`; true if it was converted. */
function readChoice(choice: unknown, delta: Delta, tools: ToolIndexes): boolean {
  if (!isObject(choice)) throw new MalformedAnswer("a choice that is not an object");
  let isChanged = false;
  if (!isObject(choice.delta) && isObject(choice.message)) {
    choice.delta = choice.message;
    delete choice.message;
    isChanged = true;
  }
  const isFirst = (choice.index ?? 0) === 0;
  if (isObject(choice.delta)) {
    const content = readContent(choice.delta);
    isChanged ||= content.isChanged;
    if (isFirst) {
      isChanged = tools.apply(choice.delta.tool_calls) || isChanged;
      delta.text += content.text;
      delta.reasoning += content.reasoning;
      delta.otherText += content.toolText;
    } else delta.otherText += content.text + content.reasoning + content.toolText;
  }
  const reason = toFinishReason(choice.finish_reason);
  if (reason === "error") delta.failure ??= toUpstreamError(errorOfChoice(choice));
  else if (isFirst && reason !== null) delta.finishReason = reason;
  if (isOpenAiFinishReason(choice.finish_reason)) return isChanged;
  choice.finish_reason = reason === "error" ? null : reason;
  return true;
}

/** OpenRouter's choice with `finish_reason: "error"` may carry the error. */
function errorOfChoice(choice: Json): UpstreamErrorBody {
  const plain = { message: null, code: "finish_reason_error", param: null, status: null };
  return readErrorBody({ error: choice.error }) ?? plain;
}

function rememberHead(head: ChunkHead, { id, created, model }: Json): void {
  if (head.id === null && typeof id === "string" && id !== "") head.id = id;
  if (head.created === null && typeof created === "number") head.created = created;
  if (head.model === null && typeof model === "string" && model !== "") head.model = model;
}
