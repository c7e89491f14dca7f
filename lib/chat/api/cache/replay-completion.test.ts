import fc from "fast-check";
import { expect, test } from "vitest";
import { createCompletionCollector } from "#lib/chat/api/cache/collect-completion.ts";
import { replayCompletion } from "#lib/chat/api/cache/replay-completion.ts";

const head = { id: "chatcmpl-1", created: 1_790_000_000, model: "a", system_fingerprint: "fp" };
const usage = {
  prompt_tokens: 3,
  completion_tokens: 4,
  total_tokens: 7,
  completion_tokens_details: { reasoning_tokens: 2 },
};

async function chunksOf(completion: Record<string, unknown>, withUsage = true): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of replayCompletion(completion, withUsage)) parts.push(part);
  return Buffer.concat(parts);
}

function join(bytes: Buffer) {
  const collector = createCompletionCollector();
  collector.add(bytes);
  return collector.completion();
}

const text = fc.string({ unit: "grapheme", maxLength: 400 });
const message = fc.record(
  {
    content: fc.option(
      text.filter((one) => one !== ""),
      { nil: null },
    ),
    reasoning_content: text.filter((one) => one !== ""),
    refusal: fc.constant("I can’t help with that."),
    tool_calls: fc.array(
      fc.record({
        id: fc.uuid(),
        type: fc.constant("function"),
        function: fc.record({ name: fc.constant("find"), arguments: fc.json() }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  },
  { requiredKeys: ["content"] },
);

test("a replayed completion, joined again, is the same completion", async () => {
  const choice = fc.record({ message, finish_reason: fc.constantFrom("stop", "tool_calls") });
  const choices = fc.array(choice, { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(choices, async (all) => {
      const completion = {
        ...head,
        object: "chat.completion",
        choices: all.map(({ message: content, finish_reason }, index) => ({
          index,
          message: { role: "assistant", ...content },
          finish_reason,
          logprobs: null,
        })),
        usage,
      };
      // A stream has no word for "no content"; it is the empty text.
      const expected = completion.choices.map((one) => ({
        ...one,
        message: { ...one.message, content: one.message.content ?? "" },
      }));
      expect(join(await chunksOf(completion))).toEqual({ ...completion, choices: expected });
    }),
  );
});

test("a replayed stream has small pieces, whole characters, usage only if requested, and an end marker", async () => {
  const content = "Grüße 👋 ".repeat(60);
  const completion = {
    ...head,
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage,
  };
  const lines = (await chunksOf(completion, false)).toString().split("\n\n").filter(Boolean);
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.at(-1)).toBe("data: [DONE]");
  expect(lines.join("")).not.toContain("\ufffd");
  expect(lines.join("")).not.toContain("prompt_tokens");
  expect((await chunksOf(completion)).toString()).toContain('"choices":[],"usage":{"prompt_tokens":3');
});

test("log probabilities stay with their text", async () => {
  const logprobs = { content: [{ token: "hello", logprob: -0.1 }], refusal: null };
  const choices = [
    { index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop", logprobs },
  ];
  expect(join(await chunksOf({ ...head, choices, usage }))?.choices).toMatchObject([{ logprobs }]);
});

test("a custom tool's input and a function call are joined from their pieces", () => {
  const event = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const joined = join(
    Buffer.from(
      event({
        role: "assistant",
        tool_calls: [{ index: 0, id: "call_1", type: "custom", custom: { name: "run", input: "a" } }],
      }) +
        event({ tool_calls: [{ index: 0, custom: { input: "b" } }] }) +
        event({ function_call: { name: "f", arguments: "{" } }) +
        event({ function_call: { arguments: "}" } }) +
        event({}, "tool_calls"),
    ),
  );
  expect(joined?.choices).toMatchObject([
    {
      message: {
        tool_calls: [{ id: "call_1", type: "custom", custom: { name: "run", input: "ab" } }],
        function_call: { name: "f", arguments: "{}" },
      },
      finish_reason: "tool_calls",
    },
  ]);
});
