import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ChatState,
  type ClientMessage,
  freshPart,
  newestLeafBelow,
  reduceChat,
  shownBranch,
} from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { StreamEvent } from "#lib/chat/stream-events.ts";

const message = (
  id: string,
  parentId: string | null,
  change: Partial<ClientMessage> = {},
): ClientMessage => ({
  id,
  parentId,
  role: "assistant",
  text: "",
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
  messages: [],
  leafId: null,
  running: null,
  connection: "open",
  refusal: null,
  availableMicros: 500,
};
const question = message("q", null, { role: "user", text: "Why?" });
const answer = message("a", "q", { status: "streaming", generationId: "g" });
const asked = reduceChat(idle, { do: "send", userMessage: question, answer, generationId: "g" });

const receive = (state: ChatState, id: number, event: StreamEvent, generationId = "g") =>
  reduceChat(state, { do: "event", generationId, id, event });
const receiveText = (state: ChatState, id: number, text: string) =>
  receive(state, id, { type: "text", text });
const textOf = (state: ChatState) => state.messages.find(({ id }) => id === "a")?.text;
const end: StreamEvent = { type: "end", outcome: "done", receipt: null, error: null, availableMicros: 400 };
const problem = { code: "overloaded", message: "Try again in a moment." };

describe("the text of an answer", () => {
  test("is never wrong and never has a hole, whatever pieces come, how often and in what order", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 60 }),
        fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 40 }),
        (whole, pieces) => {
          let state = asked;
          for (const [a, b] of pieces) {
            const [from, to] = [Math.min(a, b, whole.length), Math.min(Math.max(a, b), whole.length)];
            const before = textOf(state) ?? "";
            state = receiveText(state, to, whole.slice(from, to));
            // A piece that joins what is here is taken whole; one that would leave a hole is not taken at all.
            const length = from <= before.length ? Math.max(before.length, to) : before.length;
            expect(textOf(state)).toBe(whole.slice(0, length));
          }
        },
      ),
    );
  });

  test("is right once and whole after any number of reconnects, each resumed from what is here", () => {
    const connection = fc.record({ pieces: fc.array(fc.integer({ min: 1, max: 9 })), rereads: fc.nat(12) });
    fc.assert(
      fc.property(
        fc.string({ maxLength: 80 }),
        fc.array(connection, { maxLength: 8 }),
        (whole, connections) => {
          let state = asked;
          // The last connection reads to the end, as a reader does that comes back until it has.
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

  test("grows by what is new in a piece alone", () => {
    expect(freshPart(3, 5, "de")).toBe("de");
    expect(freshPart(3, 5, "abcde")).toBe("de");
    expect(freshPart(3, 3, "abc")).toBe("");
    expect(freshPart(3, 2, "ab")).toBe("");
    expect(freshPart(3, 6, "ef")).toBe("");
  });

  test("takes nothing from another answer, nor after its end", () => {
    expect(receive(asked, 2, { type: "text", text: "no" }, "another")).toBe(asked);
    const ended = receive(receiveText(asked, 2, "ok"), 2, end);
    expect(textOf(receiveText(ended, 7, " late"))).toBe("ok");
    expect(receive(ended, 2, { ...end, outcome: "failed" })).toBe(ended);
  });
});

describe("an answer's end", () => {
  test("leaves nothing running, shows how it ended, and what credit is left", () => {
    const ended = receive(asked, 0, { ...end, outcome: "failed", error: problem });
    expect(ended).toMatchObject({ running: null, availableMicros: 400 });
    expect(ended.messages[1]).toMatchObject({ status: "failed", problem });
  });

  test("that does not say what credit is left keeps what was known", () => {
    expect(receive(asked, 0, { ...end, availableMicros: null }).availableMicros).toBe(500);
  });

  test("an answer that was lost keeps its text, and another's loss changes nothing", () => {
    const some = receiveText(asked, 4, "some");
    expect(reduceChat(some, { do: "lost", generationId: "another", problem })).toBe(some);
    const lost = reduceChat(some, { do: "lost", generationId: "g", problem });
    expect(lost.running).toBeNull();
    expect(lost.messages[1]).toMatchObject({ text: "some", status: "interrupted", problem });
  });

  test("a title is taken whenever it comes", () => {
    const title: StreamEvent = { type: "title", title: "Reasons" };
    expect(receive(asked, 0, title).title).toBe("Reasons");
    expect(receive(receive(asked, 0, end), 0, title).title).toBe("Reasons");
  });
});

describe("a message that is refused", () => {
  const before: ChatState = { ...idle, messages: [question, message("a0", "q")], leafId: "a0" };
  const next = message("q2", "a0", { role: "user" });
  const sent = reduceChat(before, {
    do: "send",
    userMessage: next,
    answer: message("a2", "q2", { status: "streaming" }),
    generationId: "g2",
  });

  test("leaves the conversation as it was before it was sent, and says why", () => {
    expect(sent).toMatchObject({ leafId: "a2", running: { generationId: "g2", answerId: "a2" } });
    const refused = { do: "refused", answerId: "a2", userMessageId: "q2", problem, leafId: "a0" } as const;
    expect(reduceChat(sent, refused)).toEqual({ ...before, refusal: problem });
  });

  test("asked for once more, keeps the message that was there", () => {
    const again = message("a3", "q", { status: "streaming" });
    const running = reduceChat(before, { do: "send", userMessage: null, answer: again, generationId: "g3" });
    expect(running.messages).toHaveLength(3);
    const refused = { do: "refused", answerId: "a3", userMessageId: null, problem, leafId: "a0" } as const;
    expect(reduceChat(running, refused)).toEqual({ ...before, refusal: problem });
  });

  test("is no longer spoken of once it is dismissed, or the next one is sent", () => {
    const refused = { ...before, refusal: problem };
    expect(reduceChat(refused, { do: "dismiss" }).refusal).toBeNull();
    const sentAgain = reduceChat(refused, { do: "send", userMessage: question, answer, generationId: "g" });
    expect(sentAgain.refusal).toBeNull();
  });
});

describe("what was read from the server", () => {
  const read = { do: "sync", messages: [question], title: "Read", running: null, leafId: "q" } as const;

  test("never overwrites an answer that is being received", () => {
    const receiving = receiveText(asked, 4, "some");
    expect(reduceChat(receiving, { ...read, messages: [...read.messages] })).toEqual({
      ...receiving,
      title: "Read",
    });
  });

  test("is shown where nothing is being received", () => {
    const shown = reduceChat(receive(asked, 0, end), { ...read, messages: [...read.messages] });
    expect(shown).toMatchObject({ messages: [question], title: "Read", leafId: "q", running: null });
  });
});

describe("the branch that is shown", () => {
  // q has the answers a1 and a2; under a2 the talk goes on, twice.
  const tree = [
    message("q", null),
    message("a1", "q"),
    message("a2", "q"),
    message("q3", "a2"),
    message("q4", "a2"),
    message("a4", "q4"),
  ];

  test("is the way from the first message to the leaf, each with its siblings, itself among them", () => {
    const branch = shownBranch({ messages: tree, leafId: "a4" });
    expect(branch.map(({ id, siblings }) => [id, siblings])).toEqual([
      ["q", ["q"]],
      ["a2", ["a1", "a2"]],
      ["q4", ["q3", "q4"]],
      ["a4", ["a4"]],
    ]);
  });

  test("is empty without a leaf, or with one that is not there", () => {
    expect(shownBranch({ messages: tree, leafId: null })).toEqual([]);
    expect(shownBranch({ messages: tree, leafId: "gone" })).toEqual([]);
  });

  test("switching to a message leads to the newest leaf below it", () => {
    expect(newestLeafBelow(tree, "a2")).toBe("a4");
    expect(newestLeafBelow(tree, "a1")).toBe("a1");
    expect(newestLeafBelow(tree, "q")).toBe("a4");
  });

  test("after switching to any message, that message is shown, and nothing hangs below the branch's end", () => {
    const anyTree = fc
      .array(fc.nat(), { minLength: 1, maxLength: 25 })
      .map((parents) =>
        parents.map((parent, index) => message(`${index}`, index === 0 ? null : `${parent % index}`)),
      );
    fc.assert(
      fc.property(anyTree, fc.nat(), (messages, pick) => {
        const chosen = `${pick % messages.length}`;
        const leafId = newestLeafBelow(messages, chosen);
        const shown = shownBranch(reduceChat({ ...idle, messages }, { do: "choose", leafId }));
        expect(shown.map(({ id }) => id)).toContain(chosen);
        expect(messages.some(({ parentId }) => parentId === leafId)).toBe(false);
        expect(shown[0]?.parentId).toBeNull();
      }),
    );
  });
});
