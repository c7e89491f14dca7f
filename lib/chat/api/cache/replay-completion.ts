import { endMarker } from "#lib/chat/api/answer-events.ts";
import { encodeEvent } from "#lib/gateways/openai/forwarder.ts";
import { isObject, type Json } from "#lib/gateways/openai/json.ts";

/** Characters per chunk of a text, about a line. */
const chunkCharacters = 80;

/**
 * Yields a whole completion as the chunks of a stream: text and reasoning in pieces, everything else at once.
 * @param withUsage whether the client requested usage
 */
export async function* replayCompletion(
  completion: Json,
  withUsage: boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { choices, usage, ...fields } = completion;
  const head = { ...fields, object: "chat.completion.chunk" };
  for (const choice of Array.isArray(choices) ? choices : []) {
    if (!isObject(choice)) continue;
    for (const part of toParts(choice)) yield encodeEvent({ ...head, choices: [part] });
  }
  if (withUsage && usage !== undefined) yield encodeEvent({ ...head, choices: [], usage });
  yield endMarker;
}

function toParts({ index, message, finish_reason: reason, logprobs = null, ...rest }: Json): object[] {
  const { role = "assistant", ...fields } = isObject(message) ? message : {};
  const part = (delta: object, more: object = {}) => ({
    index: index ?? 0,
    delta,
    logprobs: null,
    finish_reason: null,
    ...more,
  });
  const deltas = Object.entries(fields).flatMap(([name, value]) => toDeltas(name, value, logprobs !== null));
  return [
    part({ role, content: "" }),
    // The log probabilities belong to the whole text.
    ...deltas.map((delta) => part(delta, "content" in delta && logprobs !== null ? { logprobs } : {})),
    { ...part({}, { finish_reason: reason }), ...rest },
  ];
}

function toDeltas(name: string, value: unknown, isWhole: boolean): object[] {
  if (value === null) return [];
  if (name === "tool_calls" && Array.isArray(value))
    return [{ tool_calls: value.map((call, index) => ({ index, ...call })) }];
  if (typeof value !== "string" || (isWhole && name === "content")) return [{ [name]: value }];
  return split(value).map((text) => ({ [name]: text }));
}

/** Splits a text into pieces, never within a character. */
function split(text: string): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; ) {
    let end = Math.min(text.length, from + chunkCharacters);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end += 1;
    pieces.push(text.slice(from, end));
    from = end;
  }
  return pieces;
}
