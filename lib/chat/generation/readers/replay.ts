import type { NumberedEvent } from "#lib/chat/generation/live-answer.ts";
import { type StreamEvent, streamEventSchema } from "#lib/chat/generation/stream-events.ts";

/**
 * A row of the log. `seq` is the length of the answer after a text event, and one more than the final length
 * at the end.
 */
export type LogRow = { seq: number; event: unknown };

/**
 * Returns the events that a reader at `position` lacks: the missing text as one event, then the end. Rows may
 * overlap (a batch was written twice) and may repeat text that the reader has. Nothing is returned after a
 * gap.
 * @param rows rows of the log in their order
 * @param position the length of the text that the reader has
 */
export function replayFrom(rows: readonly LogRow[], position: number): NumberedEvent[] {
  let length = position;
  const pieces: string[] = [];
  let end: StreamEvent | undefined;
  for (const row of rows) {
    const event = streamEventSchema.parse(row.event);
    if (event.type === "end") {
      end = row.seq - 1 <= length ? event : undefined;
      break;
    }
    if (event.type !== "text" || row.seq <= length) continue;
    const startsAt = row.seq - event.text.length;
    if (startsAt > length) break;
    pieces.push(event.text.slice(length - startsAt));
    length = row.seq;
  }
  const events: NumberedEvent[] = [];
  if (pieces.length > 0) events.push({ id: length, event: { type: "text", text: pieces.join("") } });
  if (end !== undefined) events.push({ id: length, event: end });
  return events;
}
