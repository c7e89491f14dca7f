import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { draftTitleOf, fitPrompt } from "#lib/chat/prompt.ts";

describe("what of a conversation the model sees", () => {
  const small = { contextWindow: 4_000, label: "Small" };
  const talk = fc.array(
    fc.record({ role: fc.constantFrom("user" as const, "assistant" as const), tokens: fc.nat(3_000) }),
    {
      minLength: 1,
      maxLength: 30,
    },
  );

  test("the newest messages that fit, in order, never more than the window, the question always", () => {
    fc.assert(
      fc.property(talk, fc.nat(2_900), (parts, lastTokens) => {
        const last = { role: "user" as const, tokens: lastTokens };
        const messages = [...parts, last].map((part, index) => ({ ...part, content: String(index) }));
        const { prompt, promptTokens, droppedMessages } = fitPrompt(messages, small);
        expect(prompt.map(({ content }) => content)).toEqual(
          messages.slice(droppedMessages).map(({ content }) => content),
        );
        expect(promptTokens).toBeLessThanOrEqual(small.contextWindow);
        expect(prompt.at(-1)?.content).toBe(String(parts.length));
        if (droppedMessages > 0) expect(prompt[0]?.role).toBe("user");
      }),
    );
  });

  test("a question that alone is too long is refused in words", () => {
    const messages = [{ role: "user" as const, content: "x", tokens: 3_500 }];
    expect(() => fitPrompt(messages, small)).toThrow(expect.objectContaining({ code: "context_too_long" }));
  });
});

test("a draft title is the question's first words, cut between words", () => {
  expect(draftTitleOf("  Why is\nthe sky blue?  ")).toBe("Why is the sky blue?");
  expect(draftTitleOf("word ".repeat(40))).toBe(`${"word ".repeat(12).trim()}…`);
  expect(draftTitleOf("x".repeat(100))).toBe(`${"x".repeat(60)}…`);
});
