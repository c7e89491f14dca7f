import { createEventSplitter } from "#lib/gateways/openai/event-splitter.ts";
import { isObject, type Json } from "#lib/gateways/openai/json.ts";

/** Joins the chunks of a streamed completion to a whole one. */
export type CompletionCollector = {
  /** Adds events in the form in which the client gets them. */
  add(bytes: Uint8Array): void;
  /** Returns the completion without usage unless a chunk had it; null if it cannot be joined. */
  completion(): Json | null;
};

const maxPayloadLength = 256 * 1024;

type Choice = { message: Json; rest: Json };

export function createCompletionCollector(): CompletionCollector {
  const splitter = createEventSplitter();
  const head: Json = {};
  const choices: Choice[] = [];
  let isBroken = false;

  function readChunk(chunk: unknown): void {
    if (!isObject(chunk) || !Array.isArray(chunk.choices)) return;
    const { choices: parts, object: _object, ...fields } = chunk;
    for (const [name, value] of Object.entries(fields)) if (value !== null) head[name] = value;
    for (const part of parts) if (isObject(part)) readChoice(part);
  }

  function readChoice({ index, delta, logprobs, finish_reason: reason, ...fields }: Json): void {
    const position = typeof index === "number" ? index : 0;
    choices[position] ??= {
      message: { role: "assistant", content: null },
      rest: { finish_reason: null, logprobs: null },
    };
    const { message, rest } = choices[position];
    Object.assign(rest, fields);
    if (isObject(delta)) mergeMessage(message, delta);
    if (isObject(logprobs)) rest.logprobs = mergeLists(rest.logprobs, logprobs);
    if (typeof reason === "string") rest.finish_reason = reason;
  }

  return {
    add(bytes) {
      try {
        splitter.feed(Buffer.from(bytes), (_event, payloads) => {
          for (const payload of payloads) {
            // Such an answer is too long for the cache.
            if (payload.length > maxPayloadLength) throw new RangeError("The event is too long.");
            if (payload !== "[DONE]") readChunk(JSON.parse(payload));
          }
        });
      } catch {
        isBroken = true;
      }
    },
    completion() {
      if (isBroken || choices.length === 0 || choices.includes(undefined as never)) return null;
      const joined = choices.map(({ message, rest }, index) => ({
        index,
        message: withLists(message),
        ...rest,
      }));
      return { ...head, object: "chat.completion", choices: joined };
    },
  };
}

/** Texts and lists are joined, other values are replaced. */
function mergeMessage(message: Json, delta: Json): void {
  for (const [name, value] of Object.entries(delta)) {
    if (value === null || value === undefined) continue;
    if (name === "tool_calls") message[name] = mergeToolCalls(message[name], value);
    else if (name === "function_call") message[name] = mergeCall(message[name], value);
    else if (name === "role") message[name] = value;
    else if (typeof value === "string") message[name] = `${toText(message[name])}${value}`;
    else if (Array.isArray(value)) message[name] = [...toList(message[name]), ...value];
    else message[name] = value;
  }
}

/** Tool calls by their index; `withLists` makes a list of them. */
function mergeToolCalls(calls: unknown, parts: unknown): Json {
  const merged: Json = isObject(calls) ? calls : {};
  for (const part of toList(parts)) {
    if (!isObject(part)) continue;
    const { index, ...call } = part;
    merged[String(index)] = mergeCall(merged[String(index)], call);
  }
  return merged;
}

/** A call: its arguments (a custom tool's input) arrive in pieces, everything else at once. */
function mergeCall(call: unknown, part: unknown): Json {
  const merged: Json = isObject(call) ? { ...call } : {};
  for (const [name, value] of Object.entries(isObject(part) ? part : {})) {
    if (value === null) continue;
    if (isObject(value)) merged[name] = mergeCall(merged[name], value);
    else if (name === "arguments" || name === "input") merged[name] = `${toText(merged[name])}${value}`;
    else merged[name] = value;
  }
  return merged;
}

function mergeLists(before: unknown, part: Json): Json {
  const merged: Json = isObject(before) ? { ...before } : {};
  for (const [name, value] of Object.entries(part))
    merged[name] = Array.isArray(value) ? [...toList(merged[name]), ...value] : (merged[name] ?? value);
  return merged;
}

function withLists(message: Json): Json {
  if (!isObject(message.tool_calls)) return message;
  return { ...message, tool_calls: Object.values(message.tool_calls) };
}

const toText = (value: unknown) => (typeof value === "string" ? value : "");
const toList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
