import type { NumberedEvent } from "#lib/chat/live-answer.ts";
import { type StreamEvent, streamEventSchema } from "#lib/chat/stream-events.ts";

/** A row of the log: for text, `seq` is the answer's length after it; for the end, one more than the whole length. */
export type LogRow = { seq: number; event: unknown };

/**
 * What a reader at `position` gets from rows of the log in their order: the text it lacks, in one piece, and the end. Rows
 * may overlap (a batch that was written twice), may repeat what the reader has, and never leave a gap: where one
 * is missing, nothing after it is given.
 */
export function sliceLog(rows: readonly LogRow[], position: number): NumberedEvent[] {
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
