import fc from "fast-check";
import { expect, test } from "vitest";
import { type LogRow, replayFrom } from "#lib/chat/generation/readers/replay.ts";
import type { StreamEvent } from "#lib/chat/generation/stream-events.ts";

const end: StreamEvent = {
  type: "end",
  outcome: "done",
  receipt: null,
  error: null,
  availableMicros: null,
  thoughtMs: 0,
};
const pieces = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }), { maxLength: 40 });

test("a reader of the log that reconnects anywhere gets the text exactly once, even if rows overlap", () => {
  const anyLog = fc.tuple(pieces, fc.array(fc.nat(30), { maxLength: 10 }));
  fc.assert(
    fc.property(anyLog, fc.array(fc.nat(200), { maxLength: 8 }), ([texts, repeats], stops) => {
      const whole = texts.join("");
      const rows = rowsOf(texts, repeats);
      let seen = "";
      for (const stop of [...stops, rows.length]) {
        const visible = rows.slice(0, stop).filter((row) => row.seq > seen.length);
        for (const { id, event } of replayFrom(visible, seen.length)) {
          if (event.type === "text") seen += event.text;
          expect(id).toBe(seen.length);
        }
      }
      expect(seen).toBe(whole);
      expect(replayFrom(rows, whole.length)).toEqual([{ id: whole.length, event: end }]);
    }),
  );
});

test("C5: replayFrom keeps thinking and text apart, in their order", () => {
  const rows: LogRow[] = [
    { seq: 3, event: { type: "reasoning", text: "why", thoughtMs: 10 } },
    { seq: 5, event: { type: "reasoning", text: "so", thoughtMs: 20 } },
    { seq: 9, event: { type: "text", text: "text" } },
    { seq: 10, event: end },
  ];
  expect(replayFrom(rows, 2)).toEqual([
    { id: 5, event: { type: "reasoning", text: "yso", thoughtMs: 20 } },
    { id: 9, event: { type: "text", text: "text" } },
    { id: 9, event: end },
  ]);
});

test("replayFrom returns nothing after a gap in the log", () => {
  const rows = rowsOf(["one ", "two ", "three"], []).filter((row) => row.seq !== 8);
  expect(replayFrom(rows, 0)).toEqual([{ id: 4, event: { type: "text", text: "one " } }]);
});

/** Returns a log of these texts; each repeat makes a row overlap the row before it. */
function rowsOf(texts: string[], repeats: number[]): LogRow[] {
  const whole = texts.join("");
  let length = 0;
  const rows: LogRow[] = texts.map((text) => {
    length += text.length;
    return { seq: length, event: { type: "text", text } };
  });
  for (const repeat of repeats) {
    const row = rows[repeat % Math.max(1, rows.length)];
    if (row !== undefined)
      row.event = { type: "text", text: whole.slice(Math.max(0, row.seq - repeat - 12), row.seq) };
  }
  for (const row of rows) {
    const { text } = row.event as { text: string }; // All rows so far are text events.
    const previous = rows[rows.indexOf(row) - 1]?.seq ?? 0;
    if (row.seq - text.length > previous) row.event = { type: "text", text: whole.slice(previous, row.seq) };
  }
  return [...rows, { seq: whole.length + 1, event: end }];
}
