import { expect, test } from "vitest";
import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { createTurn } from "#app/(workspace)/chat/_stream/create-turn.ts";
import { temporaryHistory } from "#app/(workspace)/chat/_stream/temporary-history.ts";

test("the history of a temporary chat is the branch up to a message, without empty answers and other branches", () => {
  const first = createTurn("one", null, "m");
  const answer: ClientMessage = { ...first.answer, text: "eins" };
  const failed = createTurn("two", answer.id, "m");
  const other = createTurn("other", answer.id, "m");
  const messages = [first, failed, other].flatMap(({ userMessage }) => userMessage ?? []);
  const all = [...messages, answer, failed.answer, { ...other.answer, text: "sonst" }];
  expect(temporaryHistory(all, failed.answer.id)).toEqual([
    { role: "user", text: "one", id: first.userMessage?.id },
    { role: "assistant", text: "eins", id: answer.id },
    { role: "user", text: "two", id: failed.userMessage?.id },
  ]);
  expect(temporaryHistory(all, null)).toEqual([]);
});
