import fc from "fast-check";
import { expect, test } from "vitest";
import { createLiveAnswer, keepable, splitKeepable } from "#lib/chat/live-answer.ts";
import { type LogRow, sliceLog } from "#lib/chat/log-slices.ts";
import type { StreamEvent } from "#lib/chat/stream-events.ts";

const key = { generationId: "g", conversationId: "c", messageId: "m", workspaceId: "w", userId: "u" };
const end: StreamEvent = { type: "end", outcome: "done", receipt: null, error: null, availableMicros: null };
const pieces = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }), { maxLength: 40 });

test("a live reader that comes and goes gets the text exactly once, then the end", () => {
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(5), { maxLength: 60 }), (texts, moves) => {
      const answer = createLiveAnswer(key);
      let seen = "";
      let left = 0;
      const readOn = () => {
        const next = answer.after(seen.length, null);
        if (next?.event.type === "text") {
          seen += next.event.text;
          expect(next.id).toBe(seen.length);
        }
        return next;
      };
      for (const move of moves) {
        if (move < 4 && left < texts.length) answer.push(texts[left++] ?? "");
        else readOn();
      }
      for (const text of texts.slice(left)) answer.push(text);
      if (end.type === "end") answer.finish(end);
      readOn();
      expect(seen).toBe(texts.join(""));
      expect(answer.after(seen.length, null)).toEqual({ id: seen.length, event: end });
    }),
  );
});

test("the text from any position is the rest of the whole text", () => {
  fc.assert(
    fc.property(pieces, fc.nat(200), (texts, position) => {
      const answer = createLiveAnswer(key);
      for (const text of texts) answer.push(text);
      expect(answer.textFrom(position)).toBe(texts.join("").slice(position));
    }),
  );
});

test("a reader of the log that comes back anywhere gets the text exactly once, also where rows overlap", () => {
  const anyLog = fc.tuple(pieces, fc.array(fc.nat(30), { maxLength: 10 }));
  fc.assert(
    fc.property(anyLog, fc.array(fc.nat(200), { maxLength: 8 }), ([texts, repeats], stops) => {
      const whole = texts.join("");
      const rows = rowsOf(texts, repeats);
      let seen = "";
      for (const stop of [...stops, rows.length]) {
        const visible = rows.slice(0, stop).filter((row) => row.seq > seen.length);
        for (const { id, event } of sliceLog(visible, seen.length)) {
          if (event.type === "text") seen += event.text;
          expect(id).toBe(seen.length);
        }
      }
      expect(seen).toBe(whole);
      expect(sliceLog(rows, whole.length)).toEqual([{ id: whole.length, event: end }]);
    }),
  );
});

test("what follows a gap in the log is not given", () => {
  const rows = rowsOf(["one ", "two ", "three"], []).filter((row) => row.seq !== 8);
  expect(sliceLog(rows, 0)).toEqual([{ id: 4, event: { type: "text", text: "one " } }]);
});

/** A log of these texts; each repeat adds a row that begins earlier than it should. */
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
    const { text } = row.event as { text: string }; // Written so just above.
    const previous = rows[rows.indexOf(row) - 1]?.seq ?? 0;
    if (row.seq - text.length > previous) row.event = { type: "text", text: whole.slice(previous, row.seq) };
  }
  return [...rows, { seq: whole.length + 1, event: end }];
}

test("a character that arrives in halves is kept whole, and what no database keeps is dropped", () => {
  const [first, second] = ["so \ud83d", "\ude00 far"];
  const one = splitKeepable(first ?? "");
  expect(one).toEqual({ text: "so ", carry: "\ud83d" });
  expect(splitKeepable(one.carry + second).text).toBe("😀 far");
  expect(keepable("a\0b\ude00c")).toBe("ab\ufffdc");
});
