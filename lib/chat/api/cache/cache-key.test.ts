import { describe, expect, test } from "vitest";
import { readCacheControl } from "#lib/chat/api/cache/cache-control.ts";
import { cacheKey, isCacheable } from "#lib/chat/api/cache/cache-key.ts";
import { type CompletionRequest, completionRequestSchema } from "#lib/chat/api/request-schema.ts";
import type { Model } from "#lib/usage/price-list.ts";

// The key reads these fields only.
const model = { id: "a", upstream: "default", upstreamModel: "a" } as Model;
const messages = [{ role: "user", content: "hello" }];
const parse = (more: object): CompletionRequest =>
  completionRequestSchema.parse({ model: "a", messages, ...more });
const keyOf = (more: object) => cacheKey(parse(more), model, "off");
const plain = keyOf({});

describe("the cache key", () => {
  test.each([
    ["another text", { messages: [{ role: "user", content: "Hello" }] }],
    ["another role", { messages: [{ role: "system", content: "hello" }] }],
    ["a name", { messages: [{ role: "user", content: "hello", name: "Ada" }] }],
    ["a tool call's id", { messages: [...messages, { role: "tool", content: "1", tool_call_id: "call_1" }] }],
    ["temperature", { temperature: 0 }],
    ["top_p", { top_p: 0.5 }],
    ["seed", { seed: 1 }],
    ["n", { n: 2 }],
    ["stop", { stop: ["x"] }],
    ["a limit", { max_tokens: 10 }],
    ["tools", { tools: [{ type: "function", function: { name: "find" } }] }],
    ["tool_choice", { tool_choice: "none" }],
    ["parallel_tool_calls", { parallel_tool_calls: false }],
    ["response_format", { response_format: { type: "json_object" } }],
    ["reasoning_effort", { reasoning_effort: "high" }],
    ["verbosity", { verbosity: "low" }],
    ["logprobs", { logprobs: true }],
    ["logit_bias", { logit_bias: { 5: 1 } }],
    ["thinking, a field that we do not know", { thinking: { type: "enabled" } }],
    ["any other field", { chat_template_kwargs: { enable_thinking: false } }],
  ])("depends on %s", (_what, more) => expect(keyOf(more)).not.toBe(plain));

  test.each([
    ["stream", { stream: true, stream_options: { include_usage: true } }],
    ["user", { user: "ada" }],
    ["metadata", { metadata: { job: "7" } }],
    ["null", { temperature: null, tools: null }],
    ["prompt_cache_key", { prompt_cache_key: "x" }],
    ["service_tier", { service_tier: "flex" }],
    ["store: false", { store: false }],
  ])("does not depend on %s", (_what, more) => expect(keyOf(more)).toBe(plain));

  test("does not depend on the order of a request's fields or the name of the limit", () => {
    expect(keyOf({ top_p: 1, seed: 2 })).toBe(keyOf({ seed: 2, top_p: 1 }));
    expect(keyOf({ max_tokens: 5 })).toBe(keyOf({ max_completion_tokens: 5 }));
  });

  test("depends on the order within a schema, which is part of the prompt", () => {
    const schema = (properties: object) => ({
      response_format: { type: "json_schema", json_schema: { name: "x", schema: { properties } } },
    });
    expect(keyOf(schema({ a: {}, b: {} }))).not.toBe(keyOf(schema({ b: {}, a: {} })));
  });

  test("depends on the model at its upstream, and on the moderation mode", () => {
    expect(cacheKey(parse({}), { ...model, upstreamModel: "b" }, "off")).not.toBe(plain);
    expect(cacheKey(parse({}), { ...model, upstream: "other" }, "off")).not.toBe(plain);
    expect(cacheKey(parse({}), model, "block")).not.toBe(plain);
  });
});

test("an image at an address and store: true are not cached, an image in the request is", () => {
  const image = (url: string) =>
    parse({ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }] });
  expect(isCacheable(image("https://example.com/a.png"))).toBe(false);
  expect(isCacheable(image("data:image/png;base64,AAAA"))).toBe(true);
  expect(isCacheable(parse({ store: true }))).toBe(false);
});

describe("readCacheControl", () => {
  const read = (headers: Record<string, string>) => readCacheControl(new Headers(headers), false);
  test("is null unless the client allows the cache", () => {
    expect(read({})).toBeNull();
    expect(read({ "x-parley-cache": "off", "x-parley-cache-ttl": "1" })).toBeNull();
  });
  test("reads mode and time to live", () => {
    expect(read({ "x-parley-cache": "Allow" })).toEqual({ mode: "allow", seconds: 3_600 });
    expect(read({ "x-parley-cache": "refresh", "x-parley-cache-ttl": "60" })).toEqual({
      mode: "refresh",
      seconds: 60,
    });
  });
  test.each([
    { "x-parley-cache": "yes" },
    { "x-parley-cache": "allow", "x-parley-cache-ttl": "59" },
    { "x-parley-cache": "allow", "x-parley-cache-ttl": "604801" },
    { "x-parley-cache": "allow", "x-parley-cache-ttl": "1e3" },
    { "x-parley-cache": "allow", "x-parley-cache-ttl": "" },
  ])("refuses %j", (headers) => {
    expect(() => read(headers)).toThrow(/x-parley-cache/);
  });
});
