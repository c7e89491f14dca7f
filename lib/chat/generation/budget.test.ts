import { expect, test } from "vitest";
import { createBudget } from "#lib/chat/generation/budget.ts";
import { countText } from "#lib/usage/tokens.ts";

const model = "gpt-4.1-mini";

/** Letters without a space, which the tokenizer counts slowly. */
function letters(length: number): string {
  let seed = 7;
  const next = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return String.fromCharCode(97 + (seed % 26));
  };
  return Array.from({ length }, next).join("");
}

/** Runs `count` and returns how many turns the event loop had meanwhile. */
async function countTurns(count: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let running = true;
  const tick = () => {
    turns += 1;
    if (running) setImmediate(tick);
  };
  setImmediate(tick);
  await count();
  running = false;
  return turns;
}

test("M6: a budget counts the tokens of the whole answer", async () => {
  const budget = createBudget(model, () => 100);
  const text = "an answer of a few words ".repeat(400);
  const results: boolean[] = [];
  for (let from = 0; from < text.length; from += 50)
    results.push(await budget.add(text.slice(from, from + 50)));
  expect(results[0]).toBe(false);
  expect(results.at(-1)).toBe(true);
  expect(await budget.receivedTokens()).toBe(countText(model, text));
});

test("a short piece is counted without a promise", () => {
  const budget = createBudget(model, () => 1);
  expect(budget.add("several words of an answer")).toBe(true);
});

test("D1: the final count of a long answer yields to the event loop", async () => {
  const text = letters(100_000);
  const budget = createBudget(model, () => 1_000_000);
  expect(budget.add(text)).toBe(false);
  expect(await countTurns(() => budget.receivedTokens())).toBeGreaterThan(5);
  expect(await budget.receivedTokens()).toBe(countText(model, text));
});

test("D1: a long piece that may exceed the budget is counted in time slices", async () => {
  const budget = createBudget(model, () => 50);
  const isOver = budget.add(letters(100_000).slice(1));
  expect(isOver).toBeInstanceOf(Promise);
  expect(await countTurns(async () => expect(await isOver).toBe(true))).toBeGreaterThan(5);
});
