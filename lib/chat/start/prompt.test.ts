import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { draftTitle, fitPrompt } from "#lib/chat/start/prompt.ts";

describe("fitPrompt", () => {
  const small = { contextWindow: 4_000, label: "Small" };
  const conversation = fc.array(
    fc.record({ role: fc.constantFrom("user" as const, "assistant" as const), tokens: fc.nat(3_000) }),
    {
      minLength: 1,
      maxLength: 30,
    },
  );

  test("fitPrompt includes the newest messages that fit, in order, and always the last message", () => {
    fc.assert(
      fc.property(conversation, fc.nat(2_900), (parts, lastTokens) => {
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

  test("fitPrompt refuses a last message that is too long by itself", () => {
    const messages = [{ role: "user" as const, content: "x", tokens: 3_500 }];
    expect(() => fitPrompt(messages, small)).toThrow(expect.objectContaining({ code: "context_too_long" }));
  });
});

test("a draft title is the first words of the message, cut between words", () => {
  expect(draftTitle("  Why is\nthe sky blue?  ")).toBe("Why is the sky blue?");
  expect(draftTitle("word ".repeat(40))).toBe(`${"word ".repeat(12).trim()}…`);
  expect(draftTitle("x".repeat(100))).toBe(`${"x".repeat(60)}…`);
});
