import type { MessagePart } from "#db/schema/chat.ts";
import type { NumberedEvent, StreamEvent } from "#lib/chat/generation/stream-events.ts";

/** An event that adds to an answer: text, or the model's thinking. */
export type ContentEvent = { id: number; event: Extract<StreamEvent, { type: "text" | "reasoning" }> };

export function isContentEvent(numbered: NumberedEvent): numbered is ContentEvent {
  return numbered.event.type === "text" || numbered.event.type === "reasoning";
}

/** Returns the text of an answer, without the thinking. */
export function textOf(events: readonly ContentEvent[]): string {
  return events.map(({ event }) => (event.type === "text" ? event.text : "")).join("");
}

/** Returns the thinking of an answer. */
export function reasoningOf(events: readonly ContentEvent[]): string {
  return events.map(({ event }) => (event.type === "reasoning" ? event.text : "")).join("");
}

/** Returns how long the model thought, in milliseconds; 0 if it showed no thinking. */
export function thoughtMsOf(events: readonly ContentEvent[]): number {
  return events.reduce((ms, { event }) => (event.type === "reasoning" ? event.thoughtMs : ms), 0);
}

/**
 * Returns the parts of the message that the events wrote.
 * @param reasoningTokens the tokens of all thinking, if it has to be sent back; stored with its first part
 */
export function toParts(
  events: readonly ContentEvent[],
  reasoningTokens: number | null = null,
): MessagePart[] {
  let thoughtMs = 0;
  let tokens = reasoningTokens;
  return events.map(({ event }): MessagePart => {
    if (event.type === "text") return { type: "text", text: event.text };
    const durationMs = Math.max(0, event.thoughtMs - thoughtMs);
    thoughtMs = event.thoughtMs;
    const part = {
      type: "reasoning" as const,
      text: event.text,
      durationMs,
      ...(tokens !== null && { tokens }),
    };
    tokens = null;
    return part;
  });
}

/** Returns the events that write the parts of a message. */
export function toEvents(parts: readonly MessagePart[]): ContentEvent[] {
  let id = 0;
  let thoughtMs = 0;
  return parts.flatMap((part): ContentEvent[] => {
    // Answers have no files.
    if (part.type === "file") return [];
    id += part.text.length;
    if (part.type === "text") return [{ id, event: { type: "text", text: part.text } }];
    thoughtMs += part.durationMs;
    return [{ id, event: { type: "reasoning", text: part.text, thoughtMs } }];
  });
}

/** Returns what a reader at `position` lacks of the events. */
export function eventsAfter(events: readonly ContentEvent[], position: number): ContentEvent[] {
  return events
    .filter(({ id }) => id > position)
    .map(({ id, event }) => {
      const startsAt = id - event.text.length;
      return startsAt >= position
        ? { id, event }
        : { id, event: { ...event, text: event.text.slice(position - startsAt) } };
    });
}
