import { describe, expect, test } from "vitest";
import { branchTokens, estimatePrompt } from "#app/(workspace)/chat/_composer/_estimate/estimate-prompt.ts";
import { estimateTokens } from "#app/(workspace)/chat/_composer/_estimate/estimate-tokens.ts";
import { defaultParameters } from "#lib/chat/generation/parameters/answer-parameters.ts";

const model = {
  ...{ label: "M", inputMicrosPerMillion: 1_000_000, outputMicrosPerMillion: 4_000_000 },
  ...{ contextWindow: 4_000, maxPromptTokens: 3_000, maxAnswerTokens: 1_000, usualAnswerTokens: 500 },
};
const estimate = (draft: string, contextTokens: number, parameters = defaultParameters) =>
  estimatePrompt(draft, contextTokens, model, parameters);

test("a branch has the counted tokens of its messages, estimates for others, and what the protocol adds", () => {
  const branch = [
    { text: "counted", tokens: 100 },
    { text: "an answer of this visit", tokens: null },
    { text: "", tokens: null },
  ];
  expect(branchTokens(branch)).toBe(3 + 104 + estimateTokens("an answer of this visit") + 4);
  expect(branchTokens([])).toBe(3);
});

describe("estimatePrompt", () => {
  test("the cost is the charge of the prompt with a usual answer, or with a shorter limit", () => {
    const { promptTokens, costMicros } = estimate("hello", 100);
    expect(promptTokens).toBe(100 + estimateTokens("hello") + 4);
    expect(costMicros).toBe(promptTokens + 500 * 4);
    const short = estimatePrompt(
      "hello",
      100,
      { ...model, usualAnswerTokens: 900 },
      {
        ...defaultParameters,
        maxTokens: 500,
      },
    );
    expect(short.costMicros).toBe(costMicros);
  });

  test("a draft of spaces adds nothing", () => {
    expect(estimate(" \n ", 100).promptTokens).toBe(100);
  });

  test.each([
    ["fits", 3_000],
    ["nearlyFull", 3_300],
    ["shortened", 3_900],
  ] as const)("a chat that %s the context of a model is told apart (%i tokens)", (fit, contextTokens) => {
    const wide = { ...model, maxPromptTokens: 3_800 };
    const result = estimatePrompt("", contextTokens, wide, defaultParameters);
    expect(result.fit).toBe(fit);
    expect(result.promptTokens).toBe(Math.min(contextTokens, 3_800));
  });

  test("a draft that alone exceeds the longest prompt is too long, whatever came before", () => {
    expect(estimate("word ".repeat(4_000), 3).fit).toBe("tooLong");
  });
});
