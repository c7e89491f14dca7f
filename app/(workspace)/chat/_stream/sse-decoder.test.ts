import fc from "fast-check";
import { expect, test } from "vitest";
import { createSseParser, type WireEvent } from "#app/(workspace)/chat/_stream/sse-parser.ts";

/** Reads bytes as the page does: through one decoder, in the pieces that the network gave. */
function readBytes(bytes: Uint8Array, cuts: number[]): WireEvent[] {
  const parser = createSseParser();
  const decoder = new TextDecoder();
  const edges = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])];
  edges.sort((a, b) => a - b);
  return edges.flatMap((edge, index) =>
    parser.feed(decoder.decode(bytes.subarray(edge, edges[index + 1] ?? edge), { stream: true })),
  );
}

const readAll = (text: string) => createSseParser().feed(text);
/** A line's content: any text, also of several bytes a character, without an end of line in it. */
const content = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n]/g, ""));
const anyEvent = fc.record({
  id: fc.nat().map(String),
  lines: fc.array(content, { minLength: 1, maxLength: 3 }),
});
const lineEnd = fc.constantFrom("\n", "\r\n");

test("however the bytes are split, also within a character, the events are those that were sent", () => {
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
        expect(readBytes(bytes, cuts)).toEqual(
          sent.map(([{ id, lines }]) => ({ id, data: lines.join("\n") })),
        );
      },
    ),
  );
});

test("a line may end in CRLF, even when the two come apart", () => {
  const parser = createSseParser();
  expect(parser.feed("id: 4\r\ndata: four\r")).toEqual([]);
  expect(parser.feed("\n\r")).toEqual([]);
  expect(parser.feed("\n")).toEqual([{ id: "4", data: "four" }]);
});

test("comments, other fields and empty blocks give no event and change none", () => {
  expect(readAll(": still here\n\nretry: 1000\n\n\n\n")).toEqual([]);
  expect(readAll("id: 1\n: in between\nevent: text\ndata: one\nretry\n\n")).toEqual([
    { id: "1", data: "one" },
  ]);
});

test("an event that was cut off is not given out, and is once its end has come", () => {
  const parser = createSseParser();
  expect(parser.feed("id: 1\ndata: one\n\nid: 2\ndata: two\n")).toEqual([{ id: "1", data: "one" }]);
  expect(parser.feed("\n")).toEqual([{ id: "2", data: "two" }]);
});

test("several lines of data are one event, and exactly one space after the colon is not data", () => {
  expect(readAll("data:  a\ndata:b\ndata\ndata: c: d\n\n")).toEqual([{ id: "", data: " a\nb\n\nc: d" }]);
});
