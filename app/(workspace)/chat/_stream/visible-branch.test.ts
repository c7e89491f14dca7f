import fc from "fast-check";
import { expect, test } from "vitest";
import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import {
  branchEnd,
  comparedAnswers,
  findNewestLeaf,
  visibleBranch,
} from "#app/(workspace)/chat/_stream/visible-branch.ts";
import type { Receipt } from "#lib/chat/generation/stream-events.ts";

const message = (
  id: string,
  parentId: string | null,
  change: Partial<ClientMessage> = {},
): ClientMessage => ({
  id,
  parentId,
  role: id.startsWith("q") ? "user" : "assistant",
  text: id,
  reasoning: "",
  thoughtMs: 0,
  tokens: 10,
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

// q has the answers a1 and a2; a2 has two follow-ups.
const tree = [
  message("q", null),
  message("a1", "q"),
  message("a2", "q"),
  message("q3", "a2"),
  message("q4", "a2"),
  message("a4", "q4"),
];

test("visibleBranch returns the messages from the first one to the leaf, each with all its versions", () => {
  const branch = visibleBranch({ messages: tree, leafId: "a4" });
  expect(branch.map(({ id, siblings }) => [id, siblings.map((sibling) => sibling.id)])).toEqual([
    ["q", ["q"]],
    ["a2", ["a1", "a2"]],
    ["q4", ["q3", "q4"]],
    ["a4", ["a4"]],
  ]);
});

test("visibleBranch is empty without a leaf or with an unknown leaf", () => {
  expect(visibleBranch({ messages: tree, leafId: null })).toEqual([]);
  expect(visibleBranch({ messages: tree, leafId: "gone" })).toEqual([]);
});

test("findNewestLeaf returns the newest leaf below a message", () => {
  expect(findNewestLeaf(tree, "a2")).toBe("a4");
  expect(findNewestLeaf(tree, "a1")).toBe("a1");
  expect(findNewestLeaf(tree, "q")).toBe("a4");
});

test("switching to any message shows it and selects a leaf without children", () => {
  const anyTree = fc
    .array(fc.nat(), { minLength: 1, maxLength: 25 })
    .map((parents) =>
      parents.map((parent, index) => message(`${index}`, index === 0 ? null : `${parent % index}`)),
    );
  fc.assert(
    fc.property(anyTree, fc.nat(), (messages, pick) => {
      const chosen = `${pick % messages.length}`;
      const leafId = findNewestLeaf(messages, chosen);
      const shown = visibleBranch({ messages, leafId });
      expect(shown.flatMap(({ ids }) => ids)).toContain(chosen);
      expect(messages.some(({ parentId }) => parentId === leafId)).toBe(false);
      expect(shown[0]?.parentId).toBeNull();
    }),
  );
});

test("an answer and its continuations are one message with all receipts", () => {
  const receipt = (chargedMicros: number): Receipt => ({
    ...{
      model: "m",
      promptTokens: 1,
      completionTokens: 1,
      cachedTokens: 0,
      reasoningTokens: 0,
      estimated: false,
      firstTokenMs: 1,
      durationMs: 1,
      firstMessageId: null,
    },
    chargedMicros,
  });
  const messages = [
    message("q", null),
    message("a", "q", { text: "The quick brown", status: "length", receipt: receipt(5) }),
    message("b", "a", { text: "brown fox jumps", status: "stopped", receipt: receipt(7) }),
    message("c", "b", { text: "", status: "failed", problem: { code: "model_failed" } }),
  ];
  const [, answer, ...rest] = visibleBranch({ messages, leafId: "c" });
  expect(rest).toEqual([]);
  expect(answer).toMatchObject({
    ...{ id: "a", ids: ["a", "b", "c"], endId: "c", continueFromId: "b" },
    ...{ text: "The quick brown fox jumps", status: "failed", problem: { code: "model_failed" } },
    ...{ receipts: [receipt(5), receipt(7)], siblings: [{ id: "a", model: "m" }] },
  });
});

test("answers are compared while the branch ends with the user's message, until one is chosen", () => {
  const messages = [message("q", null), message("a1", "q"), message("a2", "q"), message("a3", "q")];
  const compared = { messages, leafId: "q" };
  expect(comparedAnswers(compared).map(({ id }) => id)).toEqual(["a1", "a2", "a3"]);
  expect(visibleBranch(compared).map(({ id }) => id)).toEqual(["q"]);
  expect(branchEnd(compared)).toBe("q");
  const chosen = { messages, leafId: "a2" };
  expect(comparedAnswers(chosen)).toEqual([]);
  expect(visibleBranch(chosen).map(({ id }) => id)).toEqual(["q", "a2"]);
});

test("the only answer of a comparison that has started is shown like any other", () => {
  const messages = [message("q", null), message("a1", "q")];
  expect(comparedAnswers({ messages, leafId: "q" })).toEqual([]);
  expect(visibleBranch({ messages, leafId: "q" }).map(({ id }) => id)).toEqual(["q", "a1"]);
  expect(branchEnd({ messages, leafId: "q" })).toBe("a1");
});
