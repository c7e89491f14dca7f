import fc from "fast-check";
import { expect, test } from "vitest";
import { readEvent } from "#app/(workspace)/chat/_stream/read-event.ts";
import { outcomeSchema, streamEventSchema } from "#lib/chat/generation/stream-events.ts";

const count = fc.nat(Number.MAX_SAFE_INTEGER);
const receipt = fc.record({
  model: fc.string(),
  promptTokens: count,
  completionTokens: count,
  cachedTokens: count,
  reasoningTokens: count,
  chargedMicros: count,
  estimated: fc.boolean(),
  firstTokenMs: fc.option(count),
  durationMs: count,
});
const anyEvent = fc.oneof(
  fc.record({ type: fc.constant("text"), text: fc.string({ unit: "binary" }) }),
  fc.record({ type: fc.constant("reasoning"), text: fc.string({ unit: "binary" }), thoughtMs: count }),
  fc.record({ type: fc.constant("title"), title: fc.string({ unit: "binary" }) }),
  fc.record({
    type: fc.constant("end"),
    outcome: fc.constantFrom(...outcomeSchema.options),
    receipt: fc.option(receipt),
    error: fc.option(fc.record({ code: fc.string(), message: fc.string() })),
    availableMicros: fc.option(fc.maxSafeInteger()),
    thoughtMs: count,
  }),
);

test("readEvent returns the same value as the server's schema for every event", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      // Both ignore fields that a newer server adds.
      const wire = JSON.stringify({ ...event, addedLater: 1 });
      expect(readEvent(wire)).toEqual(streamEventSchema.parse(JSON.parse(wire)));
    }),
  );
});

test("an end event of the previous release has no thinking time", () => {
  const old = { type: "end", outcome: "done", receipt: null, error: null, availableMicros: null };
  const wire = JSON.stringify(old);
  expect(readEvent(wire)).toEqual({ ...old, thoughtMs: 0 });
  expect(readEvent(wire)).toEqual(streamEventSchema.parse(old));
});

test("the generated events cover every type of the schema", () => {
  const types = streamEventSchema.options.map((option) => option.shape.type.value);
  const generated = new Set(fc.sample(anyEvent, { numRuns: 200, seed: 1 }).map((event) => event.type));
  expect([...generated].sort()).toEqual([...types].sort());
});

test("readEvent returns null for an unknown type, outcome or value", () => {
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
