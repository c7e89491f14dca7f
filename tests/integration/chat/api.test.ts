import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { POST as completeRoute } from "#app/api/v1/chat/completions/route.ts";
import { POST as embedRoute } from "#app/api/v1/embeddings/route.ts";
import { GET as listModelsRoute } from "#app/api/v1/models/route.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { now } from "#lib/core/clock.ts";
import { chargeMicros } from "#lib/usage/charge.ts";
import { findModel } from "#lib/usage/price-list.ts";
import { countText } from "#lib/usage/tokens.ts";
import { checked } from "#tests/contract.ts";
import {
  addUser,
  type ChatTestEnv,
  pollOptions,
  readCredit,
  startChatTestEnv,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

const complete = checked(completeRoute);
const embed = checked(embedRoute);
const listModels = checked(listModelsRoute);

let env: ChatTestEnv;
const model = "gpt-4.1-mini";

beforeAll(async () => {
  env = await startChatTestEnv();
});
afterAll(() => env.close());

type KeyOptions = { scopes?: ("chat" | "embeddings" | "usage")[]; budgetMicros?: number | null };

async function addClient(user: TestUser, options: KeyOptions = {}) {
  const { scopes = ["chat", "embeddings"], budgetMicros = null } = options;
  const wanted = { name: "test", scopes, budgetMicros, expiresAt: null };
  const { secret: key } = await createApiKey(env.db, user.workspaceId, user.userId, wanted, now());
  const client = new OpenAI({ apiKey: key, baseURL: "http://app.test/api/v1", maxRetries: 0, fetch: serve });
  return { key, client };
}

/** Serves our routes to the OpenAI SDK. */
async function serve(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const path = new URL(request.url).pathname;
  if (path === "/api/v1/chat/completions") return complete(request);
  if (path === "/api/v1/embeddings") return embed(request);
  if (path === "/api/v1/models") return listModels(request);
  return new Response(null, { status: 404 });
}

function streamRequest(key: string, body: object): Request {
  return new Request("http://app.test/api/v1/chat/completions", {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ ...body, stream: true }),
  });
}

const chatBody = (content: string, name = model) => ({
  model: name,
  messages: [{ role: "user" as const, content }],
});

test("the OpenAI SDK gets an answer that is charged by the upstream's count", async () => {
  const user = await addUser(env);
  const { client } = await addClient(user);
  const { data, response } = await client.chat.completions
    .create(chatBody("say exactly: hello"))
    .withResponse();
  expect(data.choices[0]?.message.content).toBe("hello");
  expect(response.headers.get("x-ratelimit-limit-requests")).toBe("60");
  expect(response.headers.get("x-ratelimit-remaining-requests")).toBe("59");
  const { prompt_tokens: promptTokens = 0, completion_tokens: completionTokens = 0 } = data.usage ?? {};
  const money = await readCredit(env, user);
  expect(money).toMatchObject({ charges: 1, held: 0, open: 0 });
  expect(money.spent).toBe(chargeMicros(priceOf(model), { promptTokens, cachedTokens: 0, completionTokens }));
});

test("a streamed answer has the upstream's bytes, and usage only if the client requests it", async () => {
  const user = await addUser(env);
  const { client } = await addClient(user);
  for (const includeUsage of [false, true]) {
    const options = includeUsage ? { stream_options: { include_usage: true } } : {};
    const stream = await client.chat.completions.create({
      ...chatBody("say exactly: one two three"),
      stream: true,
      ...options,
    });
    let text = "";
    let usages = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      usages += chunk.choices.length === 0 ? 1 : 0;
    }
    expect(text).toBe("one two three");
    expect(usages).toBe(includeUsage ? 1 : 0);
  }
  await expect.poll(() => readCredit(env, user), pollOptions).toMatchObject({ charges: 2, held: 0, open: 0 });
  const [row] =
    await env.sql`select bool_or(estimated) as estimated, min(purpose) as purpose, array_agg(outcome) as outcomes from openai_interactions where workspace_id = ${user.workspaceId}`;
  expect(row).toEqual({ estimated: false, purpose: "api", outcomes: ["done", "done"] });
});

test("a client that disconnects after [DONE] has a complete answer", async () => {
  const user = await addUser(env);
  const { key } = await addClient(user);
  const response = await complete(streamRequest(key, chatBody("say exactly: one two three")));
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  for (let text = ""; !text.includes("[DONE]"); ) text += decoder.decode((await reader?.read())?.value);
  await reader?.cancel();
  await expect.poll(() => readCredit(env, user), pollOptions).toMatchObject({ charges: 1, held: 0, open: 0 });
  const [row] =
    await env.sql`select outcome from openai_interactions where workspace_id = ${user.workspaceId}`;
  expect(row?.outcome).toBe("done");
});

test("a client that disconnects ends the call to the model, and received tokens are charged once", async () => {
  const user = await addUser(env);
  const { client } = await addClient(user);
  const stream = await client.chat.completions.create({ ...chatBody("go", "sandbox-endless"), stream: true });
  let text = "";
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    if (text.length > 500) break;
  }
  await expect.poll(() => readCredit(env, user), pollOptions).toMatchObject({ charges: 1, held: 0, open: 0 });
  const [row] = await env.sql<{ outcome: string; tokens: number; estimated: boolean }[]>`
    select outcome, completion_tokens as tokens, estimated from openai_interactions where workspace_id = ${user.workspaceId}`;
  expect(row).toMatchObject({ outcome: "stopped", estimated: true });
  expect(row?.tokens).toBeGreaterThanOrEqual(countText(model, text));
  await expect
    .poll(async () => (await sandboxRequest("sandbox-endless"))?.outcome, pollOptions)
    .toBe("aborted");
});

test("a client that stops reading an endless answer stops the upstream, and memory stays flat", async () => {
  const user = await addUser(env, 100_000_000);
  const { key } = await addClient(user);
  const response = await complete(streamRequest(key, chatBody("go on", "sandbox-endless")));
  const reader = response.body?.getReader();
  await reader?.read();
  const sent = async () => (await sandboxRequest("sandbox-endless"))?.tokensSent ?? 0;
  // The socket buffers fill up; then the model stops writing.
  let before = -1;
  await expect
    .poll(
      async () => {
        const latest = await sent();
        const same = latest === before;
        before = latest;
        return same;
      },
      { interval: 300, timeout: 20_000 },
    )
    .toBe(true);
  const bytes = process.memoryUsage().rss;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await sent()).toBe(before);
  expect(process.memoryUsage().rss - bytes).toBeLessThan(10_000_000);
  await reader?.cancel();
  await expect.poll(() => readCredit(env, user), pollOptions).toMatchObject({ charges: 1, held: 0, open: 0 });
});

test("an endless answer ends with finish_reason length when the credit is used up", async () => {
  const prompt = { promptTokens: countText(model, "go") + 7, cachedTokens: 0, completionTokens: 40 };
  const user = await addUser(env, chargeMicros(priceOf("sandbox-endless"), prompt));
  const { client } = await addClient(user);
  const stream = await client.chat.completions.create({ ...chatBody("go", "sandbox-endless"), stream: true });
  const reasons: (string | null)[] = [];
  for await (const chunk of stream) reasons.push(chunk.choices[0]?.finish_reason ?? null);
  expect(reasons.at(-1)).toBe("length");
  await expect.poll(() => readCredit(env, user), pollOptions).toMatchObject({ charges: 1, held: 0, open: 0 });
  expect((await readCredit(env, user)).balance).toBeGreaterThanOrEqual(0);
});

test.each([
  ["sandbox-429", 503, "model_busy"],
  ["sandbox-500", 502, "model_failed"],
  ["sandbox-invalid-key", 503, "model_unavailable"],
  ["sandbox-malformed", 502, "model_failed"],
  ["gpt-0", 404, "model_not_found"],
  ["gpt-5.5", 403, "plan_required"],
])("%s answers %i %s in OpenAI's shape, and costs nothing", async (name, status, code) => {
  const user = await addUser(env);
  const { client } = await addClient(user);
  const failed = client.chat.completions.create(chatBody("hello", name));
  await expect(failed).rejects.toMatchObject({ status, code });
  expect(await readCredit(env, user)).toMatchObject({ balance: 1_000_000, held: 0, open: 0, charges: 0 });
});

test("a stream that the upstream cuts off ends with an error event, and received tokens are charged", async () => {
  const user = await addUser(env);
  const { client } = await addClient(user);
  const stream = await client.chat.completions.create({
    ...chatBody("long 100 tokens", "sandbox-cut"),
    stream: true,
  });
  const read = async () => {
    for await (const _chunk of stream);
  };
  await expect(read()).rejects.toMatchObject({ code: "model_failed" });
  await expect.poll(() => readCredit(env, user), pollOptions).toMatchObject({ charges: 1, held: 0, open: 0 });
});

test("a request without credit, budget or scope does not reach the model", async () => {
  const userWithoutCredit = await addUser(env, 1);
  const { client: broke } = await addClient(userWithoutCredit);
  await expect(broke.chat.completions.create(chatBody("hello"))).rejects.toMatchObject({
    status: 429,
    code: "insufficient_quota",
  });
  const user = await addUser(env);
  const { client: tight } = await addClient(user, { budgetMicros: 1 });
  await expect(tight.chat.completions.create(chatBody("hello"))).rejects.toMatchObject({
    code: "insufficient_quota",
  });
  const { client: narrow } = await addClient(user, { scopes: ["embeddings"] });
  await expect(narrow.chat.completions.create(chatBody("hello"))).rejects.toMatchObject({ status: 403 });
  const otherUser = new OpenAI({
    apiKey: "parley_sk_wrong",
    baseURL: "http://app.test/api/v1",
    maxRetries: 0,
    fetch: serve,
  });
  await expect(otherUser.chat.completions.create(chatBody("hello"))).rejects.toMatchObject({ status: 401 });
});

test("a key with a spent monthly budget is refused, another key of the workspace is not", async () => {
  const user = await addUser(env);
  const spend = chargeMicros(priceOf(model), { promptTokens: 26, cachedTokens: 0, completionTokens: 1 });
  const { client: tight } = await addClient(user, { budgetMicros: spend });
  const { client: free } = await addClient(user);
  await tight.chat.completions.create(chatBody("say exactly: a b c d e f g h i j k l m n"));
  await expect(tight.chat.completions.create(chatBody("more"))).rejects.toMatchObject({
    code: "insufficient_quota",
  });
  await expect(free.chat.completions.create(chatBody("say exactly: ok"))).resolves.toBeDefined();
});

test("a request takes two statements before the model is called", async () => {
  const user = await addUser(env);
  const { key } = await addClient(user);
  env.statements.length = 0;
  const response = await complete(streamRequest(key, chatBody("say exactly: ok")));
  // The model has answered, and nothing is settled before the stream is read.
  expect(response.status).toBe(200);
  expect(env.statements).toHaveLength(2);
  expect(await response.text()).toContain("[DONE]");
});

test("a wrong key is refused before the body is parsed", async () => {
  const init = { method: "POST", headers: { authorization: "Bearer parley_sk_wrong" }, body: "{" };
  for (const route of [complete, embed])
    expect((await route(new Request("http://app.test/api/v1/any", init))).status).toBe(401);
});

test("a request refused for lack of credit takes a rate limit token and returns the remaining ones", async () => {
  const userWithoutCredit = await addUser(env, 1);
  const { key } = await addClient(userWithoutCredit);
  const left: (string | null)[] = [];
  for (let count = 0; count < 3; count++) {
    const response = await complete(streamRequest(key, chatBody("hello")));
    expect(response.status).toBe(429);
    left.push(response.headers.get("x-ratelimit-remaining-requests"));
  }
  expect(left).toEqual(["59", "58", "57"]);
});

test("twenty concurrent requests on a budget for two never exceed the budget", async () => {
  const user = await addUser(env);
  const prompt = "say exactly: a b c d e f g h";
  const one = chargeMicros(priceOf(model), { promptTokens: 20, cachedTokens: 0, completionTokens: 10 });
  const { client: tight } = await addClient(user, { budgetMicros: 2 * one });
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () =>
      tight.chat.completions.create({ ...chatBody(prompt), max_completion_tokens: 10 }),
    ),
  );
  for (const result of results) {
    if (result.status === "rejected")
      expect(["rate_limit_exceeded", "insufficient_quota"]).toContain(result.reason.code);
  }
  const money = await readCredit(env, user);
  expect(money).toMatchObject({ held: 0, open: 0 });
  expect(money.charges).toBeGreaterThan(0);
  expect(1_000_000 - money.balance).toBeLessThanOrEqual(2 * one);
});

test("embeddings are charged, models are listed, and tool calls reach the model", async () => {
  const user = await addUser(env);
  const { client } = await addClient(user);
  const vectors = await client.embeddings.create({ model: "text-embedding-3-small", input: ["one", "two"] });
  expect(vectors.data).toHaveLength(2);
  expect(await readCredit(env, user)).toMatchObject({ charges: 1, held: 0, open: 0 });
  const listed = await client.models.list();
  expect(listed.data.map((one) => one.id)).toContain(model);
  const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
  const tools = [{ type: "function" as const, function: { name: "weather", parameters } }];
  const called = await client.chat.completions.create({ ...chatBody("use the tool weather"), tools });
  expect(called.choices[0]?.message.tool_calls).toHaveLength(1);
  await expect(client.embeddings.create({ model, input: "x" })).rejects.toMatchObject({ status: 404 });
});

function priceOf(name: string) {
  const found = findModel(name);
  if (found === undefined) throw new Error(`There is no model ${name}.`);
  return found.price;
}

type Seen = { model: string | null; tokensSent: number; outcome: string };

async function sandboxRequest(name: string): Promise<Seen | undefined> {
  const response = await fetch(env.models.url.replace("/v1", "/_control/requests"));
  const { requests } = (await response.json()) as { requests: Seen[] }; // The sandbox's own shape.
  return requests.findLast((request) => request.model === name);
}
