import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { POST as completeRoute } from "#app/api/v1/chat/completions/route.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { deleteAnswers } from "#lib/chat/api/cache/stored-answers.ts";
import { now, shiftClock } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { forgetOutages, reportRefusal } from "#lib/gateways/openai/health/target-health.ts";
import { applyRetention } from "#lib/jobs/retention.ts";
import { recentRequests } from "#lib/usage/reports.ts";
import { checked } from "#tests/contract.ts";
import {
  addUser,
  type ChatTestEnv,
  readCredit,
  startChatTestEnv,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

const complete = checked(completeRoute);

const model = "gpt-4.1-mini";

let env: ChatTestEnv;
let user: TestUser;
let key: string;
/** A text that no other test sends. */
let text: string;

beforeAll(async () => {
  env = await startChatTestEnv();
});
afterAll(() => env.close());
beforeEach(async () => {
  shiftClock(0);
  user = await addUser(env);
  key = await addKey(user);
  text = `say exactly: ${newId()} Grüße 👋 `;
});

async function addKey(owner: TestUser, cachesAnswers = false): Promise<string> {
  const scopes = ["chat" as const];
  const wanted = { name: "test", scopes, budgetMicros: null, expiresAt: null, cachesAnswers };
  return (await createApiKey(env.db, owner.workspaceId, owner.userId, wanted, now())).secret;
}

type Send = { body?: object; headers?: Record<string, string>; secret?: string; signal?: AbortSignal };

async function send({ body = {}, headers = { "x-parley-cache": "allow" }, secret = key, signal }: Send = {}) {
  return complete(
    new Request("http://app.test/api/v1/chat/completions", {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", ...headers },
      body: JSON.stringify({ model, messages: [{ role: "user", content: text }], ...body }),
      ...(signal && { signal }),
    }),
  );
}

const stateOf = (response: Response) => response.headers.get("x-parley-cache");

/** Sends a request and reads it to its end. */
async function ask(options: Send = {}) {
  const response = await send(options);
  return { response, state: stateOf(response), text: await response.text() };
}

/** How often the model was asked for this test's text. */
async function modelCalls(): Promise<number> {
  const response = await fetch(`${new URL(env.models.url).origin}/_control/requests`);
  const { requests }: { requests: { body: unknown }[] } = await response.json();
  return requests.filter(({ body }) => JSON.stringify(body)?.includes(text.trim())).length;
}

async function storedAnswers(): Promise<number> {
  const rows = await env.sql`select 1 from response_cache where workspace_id = ${user.workspaceId}`;
  return rows.length;
}

test("a request without the header is neither stored nor answered from the cache", async () => {
  expect((await ask({ headers: {} })).state).toBeNull();
  expect((await ask({ headers: {} })).state).toBeNull();
  expect(await modelCalls()).toBe(2);
  expect(await storedAnswers()).toBe(0);
});

test("a key whose setting allows it uses the cache without the header, unless the header says off", async () => {
  const secret = await addKey(user, true);
  const states = [];
  for (const headers of [{}, {}, { "x-parley-cache": "off" }, { "x-parley-cache": "refresh" }])
    states.push((await ask({ secret, headers })).state);
  expect(states).toEqual(["miss", "hit", null, "miss"]);
  expect(await modelCalls()).toBe(3);
});

test("an equal request is answered from the cache, costs nothing, and is in the request log", async () => {
  const first = await ask();
  expect(first.state).toBe("miss");
  const credit = await readCredit(env, user);
  const second = await ask();
  expect(second.state).toBe("hit");
  expect(JSON.parse(second.text)).toEqual(JSON.parse(first.text));
  expect(second.response.headers.get("x-parley-model")).toBe(first.response.headers.get("x-parley-model"));
  expect(second.response.headers.get("age")).toMatch(/^\d+$/);
  expect(second.response.headers.get("x-ratelimit-remaining-requests")).toMatch(/^\d+$/);
  expect(await modelCalls()).toBe(1);
  expect(await readCredit(env, user)).toEqual(credit);
  const [line] = await recentRequests(env.db, user.workspaceId);
  expect(line).toMatchObject({ outcome: "cached", chargedMicros: 0, keyName: "test", purpose: "api" });
  expect(line?.completionTokens).toBeGreaterThan(0);
});

test("a hit is free also when all credit is spent", async () => {
  await ask();
  await env.sql`update grants set expires_at = now(), remaining_micros = 0, expired_micros = amount_micros - spent_micros where workspace_id = ${user.workspaceId}`;
  await env.sql`update balances set balance_micros = 0 where workspace_id = ${user.workspaceId}`;
  expect((await ask()).state).toBe("hit");
});

test("a whole answer is replayed as a stream, with usage only if the client requests it", async () => {
  const whole = JSON.parse((await ask()).text);
  const plain = await ask({ body: { stream: true } });
  expect(plain.state).toBe("hit");
  expect(plain.response.headers.get("content-type")).toContain("text/event-stream");
  expect(plain.text.endsWith("data: [DONE]\n\n")).toBe(true);
  expect(plain.text).not.toContain('"usage"');
  const client = new OpenAI({
    apiKey: key,
    baseURL: "http://app.test/api/v1",
    maxRetries: 0,
    fetch: (input, init) => complete(new Request(input, init)),
    defaultHeaders: { "x-parley-cache": "allow" },
  });
  const stream = client.chat.completions.stream({
    model,
    messages: [{ role: "user", content: text }],
    stream_options: { include_usage: true },
  });
  const final = await stream.finalChatCompletion();
  expect(final.choices[0]?.message.content).toBe(whole.choices[0].message.content);
  expect(final.usage).toEqual(whole.usage);
  expect(await modelCalls()).toBe(1);
});

test("a streamed answer is stored with its usage and returned whole", async () => {
  const streamed = await ask({ body: { stream: true } });
  expect(streamed.state).toBe("miss");
  const whole = await ask();
  expect(whole.state).toBe("hit");
  const completion = JSON.parse(whole.text);
  expect(completion).toMatchObject({
    object: "chat.completion",
    model,
    choices: [{ finish_reason: "stop" }],
  });
  expect(completion.choices[0].message.content).toContain(text.slice("say exactly: ".length).trim());
  const [line] = await recentRequests(env.db, user.workspaceId);
  expect(completion.usage).toMatchObject({
    prompt_tokens: line?.promptTokens,
    completion_tokens: line?.completionTokens,
  });
});

test("tool calls come back as they were, whole and streamed", async () => {
  const body = {
    tools: [{ type: "function", function: { name: "find_city", parameters: { type: "object" } } }],
  };
  text = `find_city ${newId()}`;
  const first = JSON.parse((await ask({ body })).text);
  expect(first.choices[0].message.tool_calls).toHaveLength(1);
  const second = await ask({ body });
  expect(second.state).toBe("hit");
  expect(JSON.parse(second.text)).toEqual(first);
  const [call] = first.choices[0].message.tool_calls;
  const streamed = await ask({ body: { ...body, stream: true } });
  expect(streamed.text).toContain(JSON.stringify({ tool_calls: [{ index: 0, ...call }] }));
});

test("streamed tool calls are stored whole", async () => {
  const body = {
    tools: [{ type: "function", function: { name: "find_city", parameters: { type: "object" } } }],
  };
  text = `find_city ${newId()}`;
  await ask({ body: { ...body, stream: true } });
  const { state, text: hit } = await ask({ body });
  expect(state).toBe("hit");
  const [call] = JSON.parse(hit).choices[0].message.tool_calls;
  expect(call).toMatchObject({ type: "function", function: { name: "find_city" } });
  expect(() => JSON.parse(call.function.arguments)).not.toThrow();
});

test("reasoning is part of a stored and of a replayed stream", async () => {
  const body = { model: "sandbox-thinking", stream: true };
  const reasoningOf = (events: string) =>
    [...events.matchAll(/"reasoning_content":("(?:[^"\\]|\\.)*")/g)]
      .map(([, json]) => JSON.parse(json ?? ""))
      .join("");
  const first = await ask({ body });
  expect(reasoningOf(first.text)).not.toBe("");
  const hit = await ask({ body });
  expect(hit.state).toBe("hit");
  expect(reasoningOf(hit.text)).toBe(reasoningOf(first.text));
});

test("another workspace never gets an answer, with the same request", async () => {
  await ask();
  const other = await addUser(env);
  expect((await ask({ secret: await addKey(other) })).state).toBe("miss");
  // Another key of the same workspace does.
  expect((await ask({ secret: await addKey(user) })).state).toBe("hit");
});

test("a different request is a miss", async () => {
  await ask();
  for (const body of [{ temperature: 0.5 }, { seed: 7 }, { max_tokens: 50 }, { reasoning_effort: "low" }])
    expect((await ask({ body })).state).toBe("miss");
  expect((await ask({ body: { user: "ada", metadata: { a: "b" }, stream: true } })).state).toBe("hit");
});

test.each([
  ["an answer that reached its limit", { model: "sandbox-length", stream: true }],
  ["an answer that a filter ended", { model: "sandbox-content-filter", stream: true }],
  ["an error", { model: "sandbox-500" }],
  ["an answer that broke off", { model: "sandbox-cut", stream: true }],
  ["an empty answer", { model: "sandbox-empty" }],
])("%s is not stored", async (_what, body) => {
  await ask({ body });
  expect(await storedAnswers()).toBe(0);
});

test.each([false, true])("an answer of the fallback is not stored (stream: %s)", async (stream) => {
  reportRefusal({ upstream: { name: "default" }, model: "gpt-5.4-mini" }, "refused", "403");
  const { response, state } = await ask({ body: { model: "gpt-5.4-mini", stream } });
  forgetOutages();
  expect(response.status).toBe(200);
  expect(state).toBe("miss");
  expect(await storedAnswers()).toBe(0);
});

test("a stream that the client leaves is not stored", async () => {
  const left = new AbortController();
  const response = await send({ body: { model: "sandbox-endless", stream: true }, signal: left.signal });
  const reader = response.body?.getReader();
  await reader?.read();
  left.abort();
  await reader?.cancel().catch(() => {});
  await expect.poll(async () => (await readCredit(env, user)).open, { timeout: 20_000 }).toBe(0);
  expect(await storedAnswers()).toBe(0);
});

test("refresh asks the model again and replaces the answer; off and store: true bypass the cache", async () => {
  await ask();
  expect((await ask({ headers: { "x-parley-cache": "refresh" } })).state).toBe("miss");
  expect(await modelCalls()).toBe(2);
  expect(await storedAnswers()).toBe(1);
  expect((await ask({ headers: { "x-parley-cache": "off" } })).state).toBeNull();
  expect((await ask({ body: { store: true } })).state).toBe("bypass");
  expect((await ask()).state).toBe("hit");
});

test("an answer is returned until its time to live is over, then deleted", async () => {
  const headers = { "x-parley-cache": "allow", "x-parley-cache-ttl": "120" };
  await ask({ headers });
  shiftClock(100_000);
  expect((await ask({ headers })).state).toBe("hit");
  // A client that wants a younger one gets a new one.
  expect((await ask({ headers: { ...headers, "x-parley-cache-ttl": "60" } })).state).toBe("miss");
  shiftClock(300_000);
  expect((await ask({ headers })).state).toBe("miss");
  expect(await storedAnswers()).toBe(1);
  shiftClock(600_000);
  await applyRetention(now());
  expect(await storedAnswers()).toBe(0);
});

test("an invalid header is refused by name", async () => {
  const { response, text: body } = await ask({ headers: { "x-parley-cache": "yes" } });
  expect(response.status).toBe(400);
  expect(JSON.parse(body).error).toMatchObject({ param: "x-parley-cache", type: "invalid_request_error" });
});

test("stored answers are encrypted, and an unreadable one is a miss", async () => {
  await ask();
  const [row] = await env.sql<
    { answer: string }[]
  >`select answer from response_cache where workspace_id = ${user.workspaceId}`;
  expect(Buffer.from(row?.answer ?? "", "base64url").toString()).not.toContain("choices");
  await env.sql`update response_cache set answer = 'AAAA' || answer where workspace_id = ${user.workspaceId}`;
  expect((await ask()).state).toBe("miss");
  expect((await ask()).state).toBe("hit");
});

test("the oldest answers make room, and a deleted workspace keeps none", async () => {
  await ask();
  await env.sql`
    insert into response_cache (workspace_id, key, answer, bytes, created_at, expires_at)
    select ${user.workspaceId}, 'key' || n, '', 1, now() - make_interval(secs => n), now() + interval '1 day'
    from generate_series(1, 1005) as n`;
  text = `say exactly: ${newId()}`;
  await ask();
  expect(await storedAnswers()).toBe(1_000);
  expect((await ask()).state).toBe("hit");
  await env.sql`update response_cache set bytes = 33554432 where workspace_id = ${user.workspaceId} and key = 'key1'`;
  text = `say exactly: ${newId()}`;
  await ask();
  expect(await storedAnswers()).toBeLessThan(10);
  await deleteAnswers(env.db, user.workspaceId);
  expect(await storedAnswers()).toBe(0);
});

test("hits take tokens of the rate limit", async () => {
  await ask();
  const states = await Promise.all(Array.from({ length: 70 }, () => ask()));
  expect(states.filter(({ response }) => response.status === 429).length).toBeGreaterThan(5);
  expect(await modelCalls()).toBe(1);
});

test("equal requests at once are all answered, and one answer is stored", async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask()));
  expect(answers.every(({ response }) => response.status === 200)).toBe(true);
  expect(await storedAnswers()).toBe(1);
});
