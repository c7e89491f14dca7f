import fc from "fast-check";
import { expect, test } from "vitest";
import { createLiveAnswer } from "#lib/chat/generation/live-answer.ts";
import type { StreamEvent } from "#lib/chat/generation/stream-events.ts";

const key = { generationId: "g", conversationId: "c", messageId: "m", workspaceId: "w", userId: "u" };
const end: StreamEvent = { type: "end", outcome: "done", receipt: null, error: null, availableMicros: null };
const pieces = fc.array(fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }), { maxLength: 40 });

test("a reader of a live answer that reconnects gets the text exactly once, then the end", () => {
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(5), { maxLength: 60 }), (texts, moves) => {
      const answer = createLiveAnswer(key);
      let seen = "";
      let pushed = 0;
      const readNext = () => {
        const next = answer.after(seen.length, null);
        if (next?.event.type === "text") {
          seen += next.event.text;
          expect(next.id).toBe(seen.length);
        }
        return next;
      };
      for (const move of moves) {
        if (move < 4 && pushed < texts.length) answer.push(texts[pushed++] ?? "");
        else readNext();
      }
      for (const text of texts.slice(pushed)) answer.push(text);
      if (end.type === "end") answer.finish(end);
      readNext();
      expect(seen).toBe(texts.join(""));
      expect(answer.after(seen.length, null)).toEqual({ id: seen.length, event: end });
    }),
  );
});

test("textFrom returns the rest of the text from any position", () => {
  fc.assert(
    fc.property(pieces, fc.nat(200), (texts, position) => {
      const answer = createLiveAnswer(key);
      for (const text of texts) answer.push(text);
      expect(answer.textFrom(position)).toBe(texts.join("").slice(position));
    }),
  );
});
