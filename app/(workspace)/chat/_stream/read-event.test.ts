import fc from "fast-check";
import { expect, test } from "vitest";
import { readEvent } from "#app/(workspace)/chat/_stream/read-event.ts";
import { outcomeSchema, streamEventSchema } from "#lib/chat/stream-events.ts";

const count = fc.nat(Number.MAX_SAFE_INTEGER);
const receipt = fc.record({
  model: fc.string(),
  promptTokens: count,
  completionTokens: count,
  chargedMicros: count,
  estimated: fc.boolean(),
  firstTokenMs: fc.option(count),
  durationMs: count,
});
const anyEvent = fc.oneof(
  fc.record({ type: fc.constant("text"), text: fc.string({ unit: "binary" }) }),
  fc.record({ type: fc.constant("title"), title: fc.string({ unit: "binary" }) }),
  fc.record({
    type: fc.constant("end"),
    outcome: fc.constantFrom(...outcomeSchema.options),
    receipt: fc.option(receipt),
    error: fc.option(fc.record({ code: fc.string(), message: fc.string() })),
    availableMicros: fc.option(fc.maxSafeInteger()),
  }),
);

test("every event that the server's schema lets out is read to the same value", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      // What a newer server adds is left out by both.
      const wire = JSON.stringify({ ...event, addedLater: 1 });
      expect(readEvent(wire)).toEqual(streamEventSchema.parse(JSON.parse(wire)));
    }),
  );
});

test("the events tried above are of every type that the schema has", () => {
  const types = streamEventSchema.options.map((option) => option.shape.type.value);
  const tried = new Set(fc.sample(anyEvent, { numRuns: 200, seed: 1 }).map((event) => event.type));
  expect([...tried].sort()).toEqual([...types].sort());
});

test("a type, an outcome or a value that this page does not know gives null", () => {
  const unknown = [
    { type: "tool", text: "x" },
    { type: "end", outcome: "later", receipt: null, error: null, availableMicros: null },
    { type: "text", text: 1 },
    { type: "title" },
    {},
    null,
    7,
    "text",
    [],
  ];
  expect(unknown.map((event) => readEvent(JSON.stringify(event)))).toEqual(unknown.map(() => null));
});
