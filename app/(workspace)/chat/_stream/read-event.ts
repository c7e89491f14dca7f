import type { Outcome, Receipt, StreamEvent } from "#lib/chat/generation/stream-events.ts";

const outcomes = new Set<string>([
  "done",
  "length",
  "content_filter",
  "stopped",
  "failed",
  "interrupted",
  "out_of_credit",
] satisfies Outcome[]);

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const numberOr0 = (value: unknown) => (typeof value === "number" ? value : 0);
const isOutcome = (value: unknown): value is Outcome => typeof value === "string" && outcomes.has(value);

/**
 * Parses the data of a server-sent event. The type is the union that the server's schema defines
 * (lib/chat/generation/stream-events.ts). The checks are written by hand to keep zod out of the page's script
 * (docs/decisions/0063); a property test compares both.
 * @returns null for an event that this version does not know; a newer server may send one
 */
export function readEvent(data: string): StreamEvent | null {
  const event = parse(data);
  if (!isFields(event)) return null;
  if (event.type === "text" && typeof event.text === "string") return { type: "text", text: event.text };
  if (event.type === "reasoning" && typeof event.text === "string")
    return { type: "reasoning", text: event.text, thoughtMs: numberOr0(event.thoughtMs) };
  if (event.type === "title" && typeof event.title === "string") return { type: "title", title: event.title };
  if (event.type === "end" && isOutcome(event.outcome)) {
    const { outcome, availableMicros } = event;
    return {
      type: "end",
      outcome,
      receipt: isFields(event.receipt) ? parseReceipt(event.receipt) : null,
      error: isFields(event.error)
        ? { code: String(event.error.code), message: String(event.error.message) }
        : null,
      availableMicros: typeof availableMicros === "number" ? availableMicros : null,
      thoughtMs: numberOr0(event.thoughtMs),
    };
  }
  return null;
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

function parseReceipt(fields: Fields): Receipt {
  const number = (name: string) => numberOr0(fields[name]);
  return {
    model: String(fields.model),
    promptTokens: number("promptTokens"),
    completionTokens: number("completionTokens"),
    cachedTokens: number("cachedTokens"),
    reasoningTokens: number("reasoningTokens"),
    chargedMicros: number("chargedMicros"),
    estimated: fields.estimated === true,
    firstTokenMs: typeof fields.firstTokenMs === "number" ? fields.firstTokenMs : null,
    durationMs: number("durationMs"),
    firstMessageId: typeof fields.firstMessageId === "string" ? fields.firstMessageId : null,
  };
}
