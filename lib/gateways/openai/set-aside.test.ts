import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createChunkReader } from "#lib/gateways/openai/chunk-reader.ts";
import { createShortener, putBack } from "#lib/gateways/openai/set-aside.ts";

/** Shortens a text that arrives in parts of `size` bytes. */
function shorten(text: string, size = 1_000) {
  const bytes = Buffer.from(text);
  const shortener = createShortener();
  for (let to = size; to < bytes.length; to += size) shortener.advance(bytes.subarray(0, to));
  return shortener.end(bytes);
}

const tricky = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom('"logprobs"', '\\"logprobs":{', "logprobs", "}]", "\\", '\\\\"'),
);
const anyJson = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    tricky,
    fc.double(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(tricky, fc.constant("logprobs")), tie("value"), { maxKeys: 4 }),
  ),
})).value;

describe("setting log probabilities aside", () => {
  test("what was set aside and put back is the same JSON, whatever the text contains", () => {
    fc.assert(
      fc.property(
        anyJson,
        fc.integer({ min: 0, max: 2 }),
        fc.integer({ min: 1, max: 9 }),
        (value, indent, size) => {
          const text = JSON.stringify(value, null, indent);
          const { json, aside } = shorten(text, size);
          const parsed = JSON.parse(json.toString());
          const encoded = JSON.stringify(parsed);
          const whole = aside === null ? encoded : Buffer.concat(putBack(encoded, aside)).toString();
          expect(JSON.parse(whole)).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  test("an object that does not end is refused", () => {
    expect(() => shorten('{"logprobs":{"content":["}"')).toThrow("not JSON");
  });

  test("a long whole response to a streamed request keeps them, in one line and under the asked name", () => {
    const logprobs = {
      content: Array.from({ length: 9_000 }, (_, i) => ({ token: `"t${i}\\`, logprob: -0.5 - i })),
    };
    const choice = { index: 0, message: { content: "hello" }, finish_reason: "stop", logprobs };
    const response = { id: "c", object: "chat.completion", model: "theirs", choices: [choice] };
    const reader = createChunkReader({ model: "asked", usage: false });
    reader.feed(Buffer.from(JSON.stringify(response, null, 2)));
    const { bytes, text, finishReason } = reader.end();
    expect({ text, finishReason }).toEqual({ text: "hello", finishReason: "stop" });
    const event = bytes?.toString() ?? "";
    expect(event.match(/\n/g)).toHaveLength(2);
    const chunk = JSON.parse(event.slice("data: ".length));
    expect(chunk).toMatchObject({ model: "asked", choices: [{ delta: { content: "hello" }, logprobs }] });
  });

  test("an event that arrives in parts is passed on as it was, and one that breaks off fails", () => {
    const logprobs = { content: Array.from({ length: 9_000 }, (_, i) => ({ token: "{", logprob: -1 - i })) };
    const chunk = { id: "c", model: "theirs", choices: [{ index: 0, delta: { content: "hi" }, logprobs }] };
    const event = Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`);
    const feed = (bytes: Buffer) => {
      const reader = createChunkReader({ model: "asked", usage: false });
      const deltas = [];
      for (let at = 0; at < bytes.length; at += 60_000)
        deltas.push(reader.feed(bytes.subarray(at, at + 60_000)));
      return [...deltas, reader.end()];
    };
    const deltas = feed(event);
    expect(deltas.map(({ text }) => text).join("")).toBe("hi");
    const sent = Buffer.concat(deltas.flatMap(({ bytes }) => bytes ?? [])).toString();
    expect(JSON.parse(sent.slice("data: ".length))).toEqual({ ...chunk, model: "asked" });
    expect(feed(event.subarray(0, -100)).at(-1)?.failure?.message).toContain("not JSON");
  });
});
