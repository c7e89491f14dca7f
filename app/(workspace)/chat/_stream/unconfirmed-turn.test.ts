import { expect, test } from "vitest";
import { createTurn, type Turn } from "#app/(workspace)/chat/_stream/create-turn.ts";
import { createUnconfirmedTurn } from "#app/(workspace)/chat/_stream/unconfirmed-turn.ts";

test("a turn without a response keeps its ids until the server responds or something else is sent", () => {
  const turns = createUnconfirmedTurn<Turn>(({ answer }) => answer.id);
  const send = (text: string, parentId: string | null = null) =>
    turns.take([text, parentId, "m"], () => createTurn(text, parentId, "m"));
  const first = send("hello");
  expect(send("hello")).toBe(first);
  expect(send("hello", "parent").answer.generationId).not.toBe(first.answer.generationId);
  const other = send("hello");
  expect(other.answer.generationId).not.toBe(first.answer.generationId);
  expect(turns.hasArrived([other.answer])).toBe(false);
  turns.giveUp();
  expect(turns.hasArrived([first.answer])).toBe(false);
  expect(turns.hasArrived([other.answer])).toBe(true);
  turns.confirm();
  expect(turns.hasArrived([other.answer])).toBe(false);
  expect(send("hello").answer.generationId).not.toBe(other.answer.generationId);
});
