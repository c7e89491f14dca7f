import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ByteSource } from "#lib/gateways/openai/http-stream.ts";
import { readListResponse } from "#lib/gateways/openai/list-response.ts";
import type { Target } from "#lib/gateways/openai/try-targets.ts";
import { randomRuns } from "#tests/random-budget.ts";

// Reading does not use the target; it is returned with the response.
const target = {} as Target;

function sourceOf(parts: readonly Buffer[]): ByteSource {
  const rest = [...parts].reverse();
  return { read: async () => rest.pop() ?? null, close: () => rest.splice(0), release: () => {} };
}

const read = (parts: readonly Buffer[], limit = 1_000_000) =>
  readListResponse(target, sourceOf(parts), limit);
const bytesOf = (text: string) => [...Buffer.from(text)].map((byte) => Buffer.of(byte));
const passedOn = async (text: string) => {
  const response = await read(bytesOf(text));
  return JSON.parse(Buffer.concat(response.toBytes("asked")).toString());
};
const vectors = [{ object: "embedding", index: 0, embedding: [0.5, -1e-7, 3] }];

describe("a response with a long list", () => {
  test("D10: the list is passed on unchanged, byte by byte, under the requested model's name", async () => {
    const json = fc.record(
      {
        object: fc.constant("list"),
        data: fc.array(fc.jsonValue(), { minLength: 1 }),
        model: fc.string({ unit: "binary" }),
        usage: fc.constant({ prompt_tokens: 7, total_tokens: 7 }),
        other: fc.jsonValue(),
      },
      { requiredKeys: ["data"] },
    );
    const property = fc.asyncProperty(json, fc.integer({ min: 0, max: 2 }), async (value, indent) => {
      expect(await passedOn(JSON.stringify(value, null, indent))).toEqual({
        ...JSON.parse(JSON.stringify(value)),
        model: "asked",
      });
      const { usage } = await read([Buffer.from(JSON.stringify(value))]);
      expect(usage?.promptTokens).toBe(value.usage?.prompt_tokens);
    });
    await fc.assert(property, { numRuns: randomRuns(100) });
  });

  test("D10: a field named model within the list, or data within another field, is left alone", async () => {
    const value = { meta: { data: [1], model: "x" }, data: [{ model: "y", data: [2] }], model: "real" };
    expect(await passedOn(JSON.stringify(value))).toEqual({ ...value, model: "asked" });
  });

  test.each([
    ["an empty list", '{"data":[ ],"model":"m"}'],
    ["no list", '{"model":"m"}'],
    ["a text as its list", '{"data":"abc"}'],
    ["a list alone", "[1,2]"],
    ["an end in the list", '{"data":[[0.1,'],
    ["no JSON", "<html>busy</html>"],
    ["nothing", ""],
  ])("D3: a response with %s is malformed", async (_name, text) => {
    await expect(read(bytesOf(text))).rejects.toMatchObject({ shape: expect.any(String) });
  });

  test("D3: an error in place of the list is the upstream's error", async () => {
    const text = JSON.stringify({ error: { message: "no", code: "overloaded" } });
    await expect(read(bytesOf(text))).rejects.toMatchObject({ body: { message: "no" } });
  });

  test("a response beyond the limit, or with too much outside of the list, is refused", async () => {
    const text = JSON.stringify({ data: vectors });
    await expect(read([Buffer.from(text)], 20)).rejects.toMatchObject({ shape: "more than 20 bytes" });
    const long = JSON.stringify({ data: vectors, more: "x".repeat(300_000) });
    await expect(read([Buffer.from(long)])).rejects.toMatchObject({
      shape: expect.stringContaining("fields"),
    });
  });
});
