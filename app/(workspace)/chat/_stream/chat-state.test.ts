import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ChatAction,
  type ChatState,
  type ClientMessage,
  newSuffix,
  receivedLength,
  reduceChat,
} from "#app/(workspace)/chat/_stream/chat-state.ts";
import { defaultParameters } from "#lib/chat/generation/parameters/answer-parameters.ts";
import type { StreamEvent } from "#lib/chat/generation/stream-events.ts";

const message = (
  id: string,
  parentId: string | null,
  change: Partial<ClientMessage> = {},
): ClientMessage => ({
  id,
  parentId,
  role: "assistant",
  text: "",
  reasoning: "",
  thoughtMs: 0,
  tokens: null,
  instruction: null,
  rating: null,
  status: "done",
  model: "m",
  createdAt: "2026-03-10T12:00:00.000Z",
  generationId: null,
  receipt: null,
  problem: null,
  ...change,
});
const idle: ChatState = {
  conversationId: "c",
  title: "",
  model: "m",
  parameters: defaultParameters,
  messages: [],
  leafId: null,
  running: [],
  sendError: null,
  availableMicros: 500,
};
const userMessage = message("q", null, { role: "user", text: "Why?" });
const answer = message("a", "q", { status: "streaming", generationId: "g" });
const streaming = reduceChat(idle, { type: "send", messages: [userMessage, answer], leafId: "a" });

const receive = (state: ChatState, id: number, event: StreamEvent, generationId = "g") =>
  reduceChat(state, { type: "event", generationId, id, event });
const receiveText = (state: ChatState, id: number, text: string) =>
  receive(state, id, { type: "text", text });
const textOf = (state: ChatState) => state.messages.find(({ id }) => id === "a")?.text;
const end: StreamEvent = {
  type: "end",
  outcome: "done",
  receipt: null,
  error: null,
  availableMicros: 400,
  thoughtMs: 0,
};
const problem = { code: "overloaded" };

describe("text events", () => {
  test("text events in any order and number never corrupt the text or leave a gap", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 60 }),
        fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 40 }),
        (whole, pieces) => {
          let state = streaming;
          for (const [a, b] of pieces) {
            const [from, to] = [Math.min(a, b, whole.length), Math.min(Math.max(a, b), whole.length)];
            const before = textOf(state) ?? "";
            state = receiveText(state, to, whole.slice(from, to));
            // An event that touches the current text is applied; one that would leave a gap is ignored.
            const length = from <= before.length ? Math.max(before.length, to) : before.length;
            expect(textOf(state)).toBe(whole.slice(0, length));
          }
        },
      ),
    );
  });

  test("the text is complete after any number of reconnects that resume at the current length", () => {
    const connection = fc.record({ pieces: fc.array(fc.integer({ min: 1, max: 9 })), rereads: fc.nat(12) });
    fc.assert(
      fc.property(
        fc.string({ maxLength: 80 }),
        fc.array(connection, { maxLength: 8 }),
        (whole, connections) => {
          let state = streaming;
          // The last connection reads to the end.
          for (const { pieces, rereads } of [...connections, { pieces: [whole.length], rereads: 80 }]) {
            let at = Math.max(0, (textOf(state) ?? "").length - rereads);
            for (const length of [...pieces, ...(rereads === 80 ? [whole.length] : [])]) {
              const to = Math.min(whole.length, at + length);
              state = receiveText(state, to, whole.slice(at, to));
              at = to;
            }
          }
          expect(textOf(state)).toBe(whole);
        },
      ),
    );
  });

  test("newSuffix returns only the part of the text that is new", () => {
    expect(newSuffix(3, 5, "de")).toBe("de");
    expect(newSuffix(3, 5, "abcde")).toBe("de");
    expect(newSuffix(3, 3, "abc")).toBe("");
    expect(newSuffix(3, 2, "ab")).toBe("");
    expect(newSuffix(3, 6, "ef")).toBe("");
  });

  test("C5: thinking and text that alternate are each complete after any number of reconnects", () => {
    const piece = fc.record({
      kind: fc.constantFrom("text", "reasoning"),
      text: fc.string({ minLength: 1 }),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(30)), (pieces, rereads) => {
        let length = 0;
        const events = pieces.map(({ kind, text }) => {
          length += text.length;
          const event: StreamEvent =
            kind === "text" ? { type: "text", text } : { type: "reasoning", text, thoughtMs: length };
          return { id: length, event };
        });
        let state = streaming;
        for (const [index] of events.entries()) {
          // Each reconnect repeats some of the earlier events.
          const from = Math.max(0, index - (rereads[index % Math.max(1, rereads.length)] ?? 0));
          for (const { id, event } of events.slice(from, index + 1)) state = receive(state, id, event);
        }
        const all = (kind: string) => pieces.map((one) => (one.kind === kind ? one.text : "")).join("");
        const answer = state.messages.find(({ id }) => id === "a");
        expect(answer).toMatchObject({ text: all("text"), reasoning: all("reasoning") });
        if (answer !== undefined) expect(receivedLength(answer)).toBe(length);
      }),
    );
  });

  test("text events of another generation and after the end are ignored", () => {
    expect(receive(streaming, 2, { type: "text", text: "no" }, "another")).toBe(streaming);
    const ended = receive(receiveText(streaming, 2, "ok"), 2, end);
    expect(textOf(receiveText(ended, 7, " late"))).toBe("ok");
    expect(receive(ended, 2, { ...end, outcome: "failed" })).toBe(ended);
  });
});

describe("end events", () => {
  test("an end event stops the running answer and sets its outcome and the available credit", () => {
    const ended = receive(streaming, 0, {
      ...end,
      outcome: "failed",
      error: { ...problem, message: "Busy." },
    });
    expect(ended).toMatchObject({ running: [], availableMicros: 400 });
    expect(ended.messages[1]).toMatchObject({ status: "failed", problem });
  });

  test("an end event without available credit keeps the last value", () => {
    expect(receive(streaming, 0, { ...end, availableMicros: null }).availableMicros).toBe(500);
  });

  test("a lost stream keeps the answer's text; losing another stream changes nothing", () => {
    const some = receiveText(streaming, 4, "some");
    expect(reduceChat(some, { type: "streamLost", generationId: "another", problem })).toBe(some);
    const lost = reduceChat(some, { type: "streamLost", generationId: "g", problem });
    expect(lost.running).toEqual([]);
    expect(lost.messages[1]).toMatchObject({ text: "some", status: "interrupted", problem });
  });

  test("a title event is applied during and after the answer", () => {
    const title: StreamEvent = { type: "title", title: "Reasons" };
    expect(receive(streaming, 0, title).title).toBe("Reasons");
    expect(receive(receive(streaming, 0, end), 0, title).title).toBe("Reasons");
  });
});

describe("rejected messages", () => {
  const before: ChatState = { ...idle, messages: [userMessage, message("a0", "q")], leafId: "a0" };
  const next = message("q2", "a0", { role: "user" });
  const sent = reduceChat(before, {
    type: "send",
    messages: [next, message("a2", "q2", { status: "streaming", generationId: "g2" })],
    leafId: "a2",
  });

  test("a rejected message restores the previous state and sets the error", () => {
    expect(sent).toMatchObject({ leafId: "a2", running: [{ generationId: "g2", answerId: "a2" }] });
    const failed: ChatAction = { type: "sendFailed", messageIds: ["q2", "a2"], problem, leafId: "a0" };
    expect(reduceChat(sent, failed)).toEqual({ ...before, sendError: problem });
  });

  test("a rejected regeneration keeps the user message", () => {
    const again = message("a3", "q", { status: "streaming", generationId: "g3" });
    const running = reduceChat(before, { type: "send", messages: [again], leafId: "a3" });
    expect(running.messages).toHaveLength(3);
    const failed: ChatAction = { type: "sendFailed", messageIds: ["a3"], problem, leafId: "a0" };
    expect(reduceChat(running, failed)).toEqual({ ...before, sendError: problem });
  });

  test("dismissing the error or sending another message clears the error", () => {
    const failed = { ...before, sendError: problem };
    expect(reduceChat(failed, { type: "dismissError" }).sendError).toBeNull();
    const sentAgain = reduceChat(failed, { type: "send", messages: [userMessage, answer], leafId: "a" });
    expect(sentAgain.sendError).toBeNull();
  });
});

describe("sync", () => {
  const loaded = {
    type: "sync" as const,
    parameters: { ...defaultParameters, temperature: 0.5 },
    messages: [userMessage],
    title: "Read",
    running: [],
    leafId: "q",
  } satisfies ChatAction;

  test("sync does not overwrite a streaming answer", () => {
    const receiving = receiveText(streaming, 4, "some");
    expect(reduceChat(receiving, { ...loaded, messages: [...loaded.messages] })).toEqual({
      ...receiving,
      title: "Read",
    });
  });

  test("sync replaces the messages when no answer is streaming", () => {
    const shown = reduceChat(receive(streaming, 0, end), { ...loaded, messages: [...loaded.messages] });
    expect(shown).toMatchObject({ messages: [userMessage], title: "Read", leafId: "q", running: [] });
  });
});

describe("several answers at a time", () => {
  const answers = [
    message("a1", "q", { status: "streaming", generationId: "g1" }),
    message("a2", "q", { status: "streaming", generationId: "g2" }),
  ];
  const compared = reduceChat(idle, { type: "send", messages: [userMessage, ...answers], leafId: "q" });

  test("events of each generation change its own answer, and an end leaves the others running", () => {
    const first = receive(compared, 3, { type: "text", text: "one" }, "g1");
    const both = receive(first, 3, { type: "text", text: "two" }, "g2");
    expect(both.messages.map(({ text }) => text)).toEqual(["Why?", "one", "two"]);
    const ended = receive(both, 3, end, "g1");
    expect(ended.running).toEqual([{ generationId: "g2", answerId: "a2", waiting: false }]);
    expect(receive(ended, 6, { type: "text", text: "two is" }, "g2").messages[2]?.text).toBe("two is");
  });

  test("only the stream that reconnects is marked", () => {
    const waiting = reduceChat(compared, { type: "connection", generationId: "g2", waiting: true });
    expect(waiting.running.map((one) => one.waiting)).toEqual([false, true]);
    expect(reduceChat(waiting, { type: "connection", generationId: "g2", waiting: true })).toBe(waiting);
  });

  test("a refused answer is removed and the others go on", () => {
    const refused = reduceChat(compared, { type: "sendFailed", messageIds: ["a2"], problem, leafId: "q" });
    expect(refused.messages.map(({ id }) => id)).toEqual(["q", "a1"]);
    expect(refused.running.map(({ answerId }) => answerId)).toEqual(["a1"]);
    expect(refused.sendError).toEqual(problem);
  });
});
