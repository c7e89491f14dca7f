/** Token counts of an upstream. */
export type TokenUsage = {
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  /** The invisible part of the completion. */
  reasoningTokens: number;
};

/** The merged content of the chunks that one read returned. */
export type Delta = {
  /** The raw events, for callers that pass them on. Contains whole events only. */
  bytes: Buffer[];
  /** Text of the answer. */
  text: string;
  /**
   * Other output of the model (tool calls, further choices), which is charged but is not part of the answer's
   * text.
   */
  otherText: string;
  finishReason: string | null;
  usage: TokenUsage | null;
  /** True after the upstream's end marker. */
  done: boolean;
};

/**
 * The upstream sent something other than a chat completion chunk. `shape` describes it without quoting it.
 */
export class MalformedChunk extends Error {
  readonly shape: string;
  constructor(shape: string) {
    super(`The upstream sent an invalid chat completion chunk: ${shape}.`);
    this.shape = shape;
  }
}

/** The upstream sent an error event in the stream. */
export class UpstreamStreamError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`The upstream ended its answer with an error (${code}).`);
    this.code = code;
  }
}

export type ChunkReader = {
  /** Takes bytes that may end within an event, and returns the content of the complete events. */
  feed(bytes: Buffer): Delta;
};

const lineFeed = 0x0a;
const longestEventBytes = 8 * 1024 * 1024;

/**
 * Parses the server-sent events of a chat completion. Each event is decoded once; only the bytes of an
 * incomplete event are kept between calls.
 * @param options.stripUsage omits the event that contains only usage from `bytes`
 */
export function createChunkReader(options: { stripUsage?: boolean } = {}): ChunkReader {
  let rest: Buffer | undefined;
  /** How many of the kept bytes were already searched for the end of an event. */
  let searched = 0;
  return {
    feed(incoming) {
      const bytes = rest === undefined ? incoming : Buffer.concat([rest, incoming]);
      const delta: Delta = {
        bytes: [],
        text: "",
        otherText: "",
        finishReason: null,
        usage: null,
        done: false,
      };
      let start = 0;
      let passed = 0;
      for (let end = findEventEnd(bytes, searched); end !== -1; end = findEventEnd(bytes, start)) {
        const usageOnly = readEvent(bytes.toString("utf8", start, end), delta);
        if (usageOnly && options.stripUsage === true) {
          if (start > passed) delta.bytes.push(bytes.subarray(passed, start));
          passed = end;
        }
        start = end;
      }
      if (start > passed) delta.bytes.push(bytes.subarray(passed, start));
      rest = start < bytes.length ? bytes.subarray(start) : undefined;
      searched = Math.max(0, (rest?.length ?? 0) - 3);
      if (rest !== undefined && rest.length > longestEventBytes)
        throw new MalformedChunk("an event that is too long");
      return delta;
    },
  };
}

/** The index after the blank line that ends an event, or -1. Lines end in LF or CR LF. */
function findEventEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(lineFeed, from); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    if (bytes[at + 1] === lineFeed) return at + 2;
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === lineFeed) return at + 3;
  }
  return -1;
}

/** Merges one event into `delta`. Returns true if the event contains only usage. */
function readEvent(event: string, delta: Delta): boolean {
  const data = dataOf(event);
  if (data === "") return false;
  if (data === "[DONE]") {
    delta.done = true;
    return false;
  }
  let chunk: unknown;
  try {
    chunk = JSON.parse(data);
  } catch {
    throw new MalformedChunk(`${data.length} characters that are not JSON`);
  }
  return readChunk(chunk, delta);
}

function dataOf(event: string): string {
  // Fast path: nearly every event has a single line.
  if (event.startsWith("data:") && event.indexOf("\n") >= event.length - 2) return event.slice(5).trim();
  return event
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).trim())
    .join("\n")
    .trim();
}

function readChunk(chunk: unknown, delta: Delta): boolean {
  if (!isObject(chunk)) throw new MalformedChunk(`a JSON ${chunk === null ? "null" : typeof chunk}`);
  if (isObject(chunk.error))
    throw new UpstreamStreamError(textOr(chunk.error.code ?? chunk.error.type, "unknown"));
  const choices = chunk.choices ?? [];
  if (!Array.isArray(choices) || !("choices" in chunk || "usage" in chunk)) {
    throw new MalformedChunk(
      `an object with the fields ${Object.keys(chunk).slice(0, 8).join(", ") || "none"}`,
    );
  }
  for (const choice of choices) readChoice(choice, delta);
  const usage = parseUsage(chunk.usage);
  if (usage === null) return false;
  delta.usage = usage;
  return choices.length === 0;
}

function readChoice(choice: unknown, delta: Delta): void {
  if (!isObject(choice)) throw new MalformedChunk("a choice that is not an object");
  const first = (choice.index ?? 0) === 0;
  if (first && typeof choice.finish_reason === "string") delta.finishReason = choice.finish_reason;
  if (!isObject(choice.delta)) return;
  const { content, refusal, tool_calls: toolCalls, reasoning_content: reasoning } = choice.delta;
  const text = (typeof content === "string" ? content : "") + (typeof refusal === "string" ? refusal : "");
  if (first) delta.text += text;
  else delta.otherText += text;
  if (typeof reasoning === "string") delta.otherText += reasoning;
  if (toolCalls !== undefined && toolCalls !== null) delta.otherText += textOfToolCalls(toolCalls);
}

/** The names and arguments of tool calls, which the model generated. */
function textOfToolCalls(toolCalls: unknown): string {
  if (!Array.isArray(toolCalls)) return "";
  return toolCalls
    .map((call) => (isObject(call) && isObject(call.function) ? call.function : {}))
    .map((fn) => textOr(fn.name, "") + textOr(fn.arguments, ""))
    .join("");
}

/** Parses usage; null if it is missing or invalid. */
export function parseUsage(usage: unknown): TokenUsage | null {
  if (!isObject(usage)) return null;
  const promptTokens = countOr(usage.prompt_tokens);
  if (promptTokens === null) return null;
  const prompt = isObject(usage.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  const completion = isObject(usage.completion_tokens_details) ? usage.completion_tokens_details : {};
  return {
    promptTokens,
    cachedTokens: Math.min(promptTokens, countOr(prompt.cached_tokens) ?? 0),
    completionTokens: countOr(usage.completion_tokens) ?? 0,
    reasoningTokens: countOr(completion.reasoning_tokens) ?? 0,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function countOr(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
