import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ContentEvent,
  eventsAfter,
  isContentEvent,
  reasoningOf,
  textOf,
  thoughtMsOf,
  toEvents,
  toParts,
} from "#lib/chat/generation/answer-content.ts";
import { createLiveAnswer, type LiveAnswer } from "#lib/chat/generation/live-answer.ts";
import type { EndEvent } from "#lib/chat/generation/stream-events.ts";

const key = { generationId: "g", conversationId: "c", messageId: "m", workspaceId: "w", userId: "u" };
const end: EndEvent = {
  type: "end",
  outcome: "done",
  receipt: null,
  error: null,
  availableMicros: null,
  thoughtMs: 0,
};
type Piece = { kind: "text" | "reasoning"; text: string };
const pieces: fc.Arbitrary<Piece[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("text" as const, "reasoning" as const),
    text: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
  }),
  { maxLength: 40 },
);
const push = (answer: LiveAnswer, { kind, text }: Piece) =>
  kind === "text" ? answer.push(text) : answer.think(text);
const allOf = (all: Piece[], kind: Piece["kind"]) =>
  all.map((piece) => (piece.kind === kind ? piece.text : "")).join("");

test("a reader of a live answer that reconnects gets thinking and text exactly once, then the end", () => {
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(5), { maxLength: 60 }), (all, moves) => {
      const answer = createLiveAnswer(key);
      const seen: ContentEvent[] = [];
      let position = 0;
      let pushed = 0;
      const readNext = () => {
        const next = answer.after(position, null);
        if (next === undefined || !isContentEvent(next)) return false;
        position += next.event.text.length;
        expect(next.id).toBe(position);
        seen.push(next);
        return true;
      };
      for (const move of moves) {
        const piece = all[pushed];
        if (move < 4 && piece !== undefined) {
          push(answer, piece);
          pushed += 1;
        } else readNext();
      }
      for (const piece of all.slice(pushed)) push(answer, piece);
      answer.finish(end);
      while (readNext());
      expect(textOf(seen)).toBe(allOf(all, "text"));
      expect(reasoningOf(seen)).toBe(allOf(all, "reasoning"));
      expect(answer.after(position, null)).toEqual({ id: position, event: end });
    }),
  );
});

test("stored parts give the same events from any position as the live answer", () => {
  fc.assert(
    fc.property(pieces, fc.nat(200), (all, position) => {
      let at = 0;
      const answer = createLiveAnswer(key, () => (at += 7));
      for (const piece of all) push(answer, piece);
      const stored = toEvents(toParts(answer.contentFrom(0)));
      expect(stored).toEqual(answer.contentFrom(0));
      expect(eventsAfter(stored, position)).toEqual(answer.contentFrom(position));
    }),
  );
});

test("C5: the thinking time runs from the request, or the text before, to the text that follows", () => {
  let at = 1_000;
  const answer = createLiveAnswer(key, () => at);
  const after = (ms: number, add: () => void) => {
    at += ms;
    add();
  };
  after(2_000, () => answer.think("hm"));
  after(3_000, () => answer.think(", so"));
  after(4_000, () => answer.push("It is"));
  after(50_000, () => answer.push(" so."));
  expect(thoughtMsOf(answer.contentFrom(0))).toBe(9_000);
  after(1_000, () => answer.think("wait"));
  after(1_000, () => answer.push("!"));
  expect(toParts(answer.contentFrom(0))).toEqual([
    { type: "reasoning", text: "hm, so", durationMs: 9_000 },
    { type: "text", text: "It is so." },
    { type: "reasoning", text: "wait", durationMs: 2_000 },
    { type: "text", text: "!" },
  ]);
});
