import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createChunkReader,
  type Delta,
  MalformedChunk,
  UpstreamStreamError,
} from "#lib/gateways/openai/chunk-reader.ts";

const usage = {
  prompt_tokens: 9,
  completion_tokens: 5,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

function chunk(delta: object, finish: string | null = null): string {
  return JSON.stringify({
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
}

function stream(texts: string[], lineEnd: string): string {
  const events = [chunk({ role: "assistant", content: "" }), ...texts.map((content) => chunk({ content }))];
  events.push(chunk({}, "stop"), JSON.stringify({ choices: [], usage }), "[DONE]");
  return `: comment${lineEnd}${lineEnd}${events.map((data) => `data: ${data}${lineEnd}${lineEnd}`).join("")}`;
}

function feedInParts(text: string, cuts: number[], options = {}): Delta[] {
  const bytes = Buffer.from(text);
  const reader = createChunkReader(options);
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

test("all bytes are passed on in whole events", () => {
  fc.assert(
    fc.property(texts, cuts, (parts, places) => {
      const whole = stream(parts, "\n");
      const pieces = feedInParts(whole, places).map((delta) => Buffer.concat(delta.bytes).toString());
      expect(pieces.join("")).toBe(whole);
      for (const piece of pieces) expect(piece === "" || piece.endsWith("\n\n")).toBe(true);
    }),
  );
});

test("stripUsage removes only the usage event", () => {
  fc.assert(
    fc.property(texts, cuts, (parts, places) => {
      const whole = stream(parts, "\n");
      const passed = feedInParts(whole, places, { stripUsage: true }).map((delta) =>
        Buffer.concat(delta.bytes).toString(),
      );
      expect(passed.join("")).toBe(whole.replace(`data: ${JSON.stringify({ choices: [], usage })}\n\n`, ""));
    }),
  );
});

test.each([
  ["text that is not JSON", 'data: {"choices": [\n\n'],
  ["a number", "data: 7\n\n"],
  ["an object of another kind", 'data: {"hello":"secret words"}\n\n'],
  ["choices that are not a list", 'data: {"choices":"secret words"}\n\n'],
])("%s throws MalformedChunk without quoting the content", (_name, text) => {
  let thrown: unknown;
  try {
    createChunkReader().feed(Buffer.from(text));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(MalformedChunk);
  expect(String(thrown)).not.toContain("secret words");
});

test("an error event in the stream throws UpstreamStreamError", () => {
  const event = `data: ${JSON.stringify({ error: { message: "overloaded", code: "server_error" } })}\n\n`;
  expect(() => createChunkReader().feed(Buffer.from(event))).toThrow(UpstreamStreamError);
});

test("tool calls, further choices and reasoning are returned as otherText", () => {
  const chunks = [
    chunk({ content: "a", reasoning_content: "hm" }),
    chunk({ tool_calls: [{ index: 0, function: { name: "f", arguments: "{}" } }] }),
    JSON.stringify({ choices: [{ index: 1, delta: { content: "b" }, finish_reason: "length" }] }),
  ];
  const delta = createChunkReader().feed(Buffer.from(chunks.map((data) => `data: ${data}\n\n`).join("")));
  expect(delta).toMatchObject({ text: "a", otherText: "hmf{}b", finishReason: null });
});
