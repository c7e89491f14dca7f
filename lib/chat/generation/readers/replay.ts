import { type ContentEvent, isContentEvent } from "#lib/chat/generation/answer-content.ts";
import {
  type NumberedEvent,
  type StreamEvent,
  streamEventSchema,
} from "#lib/chat/generation/stream-events.ts";

/**
 * A row of the log. `seq` is the length of thinking and text after the event, and one more than the final
 * length at the end.
 */
export type LogRow = { seq: number; event: unknown };

/**
 * Returns the events that a reader at `position` lacks: the missing thinking and text in their order, with
 * neighbors of the same kind merged, then the end. Rows may overlap (a batch was written twice) and may
 * repeat what the reader has. Nothing is returned after a gap.
 * @param rows rows of the log in their order
 * @param position the length of what the reader has
 */
export function replayFrom(rows: readonly LogRow[], position: number): NumberedEvent[] {
  let length = position;
  const events: ContentEvent[] = [];
  let end: StreamEvent | undefined;
  for (const row of rows) {
    const numbered = { id: row.seq, event: streamEventSchema.parse(row.event) };
    if (numbered.event.type === "end") {
      end = row.seq - 1 <= length ? numbered.event : undefined;
      break;
    }
    if (!isContentEvent(numbered) || row.seq <= length) continue;
    const startsAt = row.seq - numbered.event.text.length;
    if (startsAt > length) break;
    append(events, row.seq, { ...numbered.event, text: numbered.event.text.slice(length - startsAt) });
    length = row.seq;
  }
  return end === undefined ? events : [...events, { id: length, event: end }];
}

function append(events: ContentEvent[], id: number, event: ContentEvent["event"]): void {
  const last = events.at(-1);
  if (last?.event.type !== event.type) events.push({ id, event });
  else events[events.length - 1] = { id, event: { ...event, text: last.event.text + event.text } };
}
