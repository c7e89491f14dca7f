import fc from "fast-check";
import { expect, test } from "vitest";
import { createSseDecoder, type SseEvent } from "#app/(workspace)/chat/_stream/sse-decoder.ts";

/** Decodes bytes in the chunks that the cuts make. */
function decodeChunks(bytes: Uint8Array, cuts: number[]): SseEvent[] {
  const decode = createSseDecoder();
  const edges = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])];
  edges.sort((a, b) => a - b);
  return edges.flatMap((edge, index) => decode(bytes.subarray(edge, edges[index + 1] ?? edge)));
}

/** A decoder that takes text. */
function createTextDecoder(): (text: string) => SseEvent[] {
  const decode = createSseDecoder();
  const encoder = new TextEncoder();
  return (text) => decode(encoder.encode(text));
}

const decodeText = (text: string) => createTextDecoder()(text);
/** A line's content: any text, including characters of several bytes, without line ends. */
const content = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n]/g, ""));
const anyEvent = fc.record({
  id: fc.nat().map(String),
  lines: fc.array(content, { minLength: 1, maxLength: 3 }),
});
const lineEnd = fc.constantFrom("\n", "\r\n");

test("the decoded events equal the sent ones for every split of the bytes, also within a character", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anyEvent, lineEnd, fc.option(content)), { maxLength: 6 }),
      fc.array(fc.nat(10_000), { maxLength: 20 }),
      (sent, cuts) => {
        const wire = sent.map(([{ id, lines }, end, comment]) =>
          [
            ...(comment === null ? [] : [`: ${comment}`, ""]),
            `id: ${id}`,
            ...lines.map((line) => `data: ${line}`),
            "",
            "",
          ].join(end),
        );
        const bytes = new TextEncoder().encode(wire.join(""));
        expect(decodeChunks(bytes, cuts)).toEqual(
          sent.map(([{ id, lines }]) => ({ id, data: lines.join("\n") })),
        );
      },
    ),
  );
});

test("the decoder accepts CRLF line ends that are split between chunks", () => {
  const decode = createTextDecoder();
  expect(decode("id: 4\r\ndata: four\r")).toEqual([]);
  const events = [...decode("\n\r"), ...decode("\n")];
  expect(events).toEqual([{ id: "4", data: "four" }]);
});

test("the decoder accepts CR line ends and ignores a byte order mark", () => {
  expect(decodeText("\uFEFFid: 1\rdata: one\r\rid: 2\rdata: two\r\r:")).toEqual([
    { id: "1", data: "one" },
    { id: "2", data: "two" },
  ]);
});

test("comments, other fields and empty blocks produce no event and change none", () => {
  expect(decodeText(": still here\n\nretry: 1000\n\n\n\n")).toEqual([]);
  expect(decodeText("id: 1\n: in between\nevent: text\ndata: one\nretry\n\n")).toEqual([
    { id: "1", data: "one" },
  ]);
});

test("the decoder returns an incomplete event only after its end has arrived", () => {
  const decode = createTextDecoder();
  expect(decode("id: 1\ndata: one\n\nid: 2\ndata: two\n")).toEqual([{ id: "1", data: "one" }]);
  expect(decode("\n")).toEqual([{ id: "2", data: "two" }]);
});

test("several data lines are one event, and only one space after the colon is removed", () => {
  expect(decodeText("data:  a\ndata:b\ndata\ndata: c: d\n\n")).toEqual([{ id: "", data: " a\nb\n\nc: d" }]);
});

test("a large event that arrives in many small chunks is decoded in linear time", () => {
  const bytes = new TextEncoder().encode(`id: 1\ndata: ${"x".repeat(500_000)}\n\n`);
  const cuts = Array.from({ length: 10_000 }, (_, index) => index * 50);
  expect(decodeChunks(bytes, cuts)).toEqual([{ id: "1", data: "x".repeat(500_000) }]);
});
