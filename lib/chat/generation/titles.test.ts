import { expect, test } from "vitest";
import { parseTitle } from "#lib/chat/generation/titles.ts";

test("parseTitle strips quotes and markup from the model's answer, and returns null when no title is left", () => {
  const answer = (content: unknown) => ({ choices: [{ message: { content } }] });
  expect(parseTitle(answer('Title: "Night trains to Lisbon."\nMore'))).toBe("Night trains to Lisbon");
  expect(parseTitle(answer("**Bread**"))).toBe("Bread");
  for (const nothing of [answer(""), answer(null), answer("***"), {}, null])
    expect(parseTitle(nothing)).toBeNull();
});
