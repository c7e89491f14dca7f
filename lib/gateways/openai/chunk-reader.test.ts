import fc from "fast-check";
import { expect, test } from "vitest";
import { createChunkReader, type Delta } from "#lib/gateways/openai/chunk-reader.ts";
import type { Forwarding } from "#lib/gateways/openai/forwarder.ts";
import { MalformedAnswer, UpstreamError } from "#lib/gateways/openai/upstream-errors.ts";

const usage = {
  prompt_tokens: 9,
  completion_tokens: 5,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

function chunk(delta: object, finish: string | null = null, model = "upstream-model"): string {
  return JSON.stringify({
    id: "c",
    object: "chat.completion.chunk",
    model,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
}

function stream(texts: string[], lineEnd: string): string {
  const events = [chunk({ role: "assistant", content: "" }), ...texts.map((content) => chunk({ content }))];
  events.push(chunk({}, "stop"), JSON.stringify({ choices: [], usage }), "[DONE]");
  return `: comment${lineEnd}${lineEnd}${events.map((data) => `data: ${data}${lineEnd}${lineEnd}`).join("")}`;
}

function feedInParts(text: string, cuts: number[], forwarding?: Forwarding): Delta[] {
  const bytes = Buffer.from(text);
  const reader = createChunkReader(forwarding);
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  return places.slice(1).map((place, index) => reader.feed(bytes.subarray(places[index], place)));
}

const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 20 }), { maxLength: 12 });
const cuts = fc.array(fc.nat(5_000), { maxLength: 40 });

test("text, usage and end are read once, wherever the bytes are split", () => {
  fc.assert(
    fc.property(texts, cuts, fc.constantFrom("\n", "\r\n"), (parts, places, lineEnd) => {
      const deltas = feedInParts(stream(parts, lineEnd), places);
      expect(deltas.map((delta) => delta.text).join("")).toBe(parts.join(""));
      expect(
        deltas.filter((delta) => delta.finishReason !== null).map((delta) => delta.finishReason),
      ).toEqual(["stop"]);
      expect(deltas.filter((delta) => delta.usage !== null).map((delta) => delta.usage)).toEqual([
        { promptTokens: 9, cachedTokens: 4, completionTokens: 5, reasoningTokens: 2 },
      ]);
      expect(deltas.at(-1)?.done).toBe(true);
    }),
  );
});

const forwarded = (text: string, places: number[], forwarding: Forwarding) =>
  feedInParts(text, places, forwarding).map((delta) => delta.bytes?.toString() ?? "");

test("all bytes but the end marker are passed on in whole events", () => {
  fc.assert(
    fc.property(texts, cuts, (parts, places) => {
      const whole = stream(parts, "\n");
      const pieces = forwarded(whole, places, { model: "upstream-model", usage: true });
      expect(`${pieces.join("")}data: [DONE]\n\n`).toBe(whole);
      for (const piece of pieces) expect(piece === "" || piece.endsWith("\n\n")).toBe(true);
    }),
  );
});

test("D10: the requested model's name replaces the upstream's, and nothing else changes", () => {
  fc.assert(
    fc.property(texts, cuts, (parts, places) => {
      const whole = stream(parts, "\n");
      const pieces = forwarded(whole, places, { model: "alias", usage: true });
      const field = /"model":"upstream-model"/g;
      expect(`${pieces.join("")}data: [DONE]\n\n`).toBe(whole.replace(field, '"model":"alias"'));
    }),
  );
});

test("usage that was not requested is omitted", () => {
  fc.assert(
    fc.property(texts, cuts, (parts, places) => {
      const whole = stream(parts, "\n");
      const passed = forwarded(whole, places, { model: "upstream-model", usage: false });
      const usageEvent = `data: ${JSON.stringify({ choices: [], usage })}\n\n`;
      expect(`${passed.join("")}data: [DONE]\n\n`).toBe(whole.replace(usageEvent, ""));
    }),
  );
});

test.each([
  ["text that is not JSON", 'data: {"choices": [\n\n'],
  ["a number", "data: 7\n\n"],
  ["choices that are not a list", 'data: {"choices":"secret words"}\n\n'],
  ["an HTML page", "<!doctype html><p>secret words"],
])("%s is a malformed answer, whose error does not quote the content", (_name, text) => {
  const { failure } = createChunkReader().feed(Buffer.from(text));
  expect(failure).toBeInstanceOf(MalformedAnswer);
  expect(String(failure)).not.toContain("secret words");
});

test("C14: text before an error in the same read counts, and what follows the error does not", () => {
  const error = `data: ${JSON.stringify({ error: { message: "overloaded", code: "server_error" } })}\n\n`;
  const text = (content: string) => `data: ${chunk({ content })}\n\n`;
  const delta = createChunkReader().feed(Buffer.from(text("a") + error + text("b")));
  expect(delta.text).toBe("a");
  expect(delta.failure).toBeInstanceOf(UpstreamError);
});

test("tool calls, further choices and thinking are kept apart from the text", () => {
  const chunks = [
    chunk({ content: "a", reasoning_content: "hm" }),
    chunk({ tool_calls: [{ index: 0, function: { name: "f", arguments: "{}" } }] }),
    JSON.stringify({ choices: [{ index: 1, delta: { content: "b" }, finish_reason: "length" }] }),
  ];
  const delta = createChunkReader().feed(Buffer.from(chunks.map((data) => `data: ${data}\n\n`).join("")));
  expect(delta).toMatchObject({ text: "a", reasoning: "hm", otherText: "f{}b", finishReason: null });
});
