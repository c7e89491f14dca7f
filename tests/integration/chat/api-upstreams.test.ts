import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { POST as completeRoute } from "#app/api/v1/chat/completions/route.ts";
import { POST as embedRoute } from "#app/api/v1/embeddings/route.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { streamForApi } from "#lib/chat/api/completions.ts";
import { findCaller } from "#lib/chat/api/request-credit.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
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
import {
  chunk,
  done,
  jsonOf,
  type Script,
  type ScriptedUpstream,
  startScriptedUpstream,
  streamOf,
  usageChunk,
  wholeOf,
} from "#tests/integration/chat/scripted-upstream.ts";

const complete = checked(completeRoute);
const embed = checked(embedRoute);

// What upstreams send, through the OpenAI-compatible API: from the wire to the client and the ledger.

let env: ChatTestEnv;
let upstream: ScriptedUpstream;
let user: TestUser;
let key: string;
let client: OpenAI;
const alerts: Alert[] = [];

beforeAll(async () => {
  env = await startChatTestEnv();
  upstream = await startScriptedUpstream({
    plain: {},
    alias: { upstreamModel: "vendor/real-name" },
    failing: { fallback: "plain" },
    old: { outputLimitField: "max_tokens", instructionRoles: ["system"], streamOptions: false },
    bare: { outputLimitField: "none", instructionRoles: [], vision: false, tools: false },
    blind: { fallback: "bare" },
    embedder: { kind: "embedding", costUsdPerMillion: { input: 1, output: 0 } },
  });
});
afterAll(async () => {
  await env.close();
  await upstream.close();
});
beforeEach(async () => {
  user = await addUser(env, 20_000_000);
  const wanted = {
    name: "test",
    scopes: ["chat", "embeddings"] as const,
    budgetMicros: null,
    expiresAt: null,
  };
  key = (
    await createApiKey(
      env.db,
      user.workspaceId,
      user.userId,
      { ...wanted, scopes: [...wanted.scopes] },
      now(),
    )
  ).secret;
  client = new OpenAI({ apiKey: key, baseURL: "http://app.test/api/v1", maxRetries: 0, fetch: serve });
  alerts.length = 0;
  deliverAlertsTo(async (alert) => void alerts.push(alert));
});

async function serve(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  return request.url.endsWith("/embeddings") ? embed(request) : complete(request);
}

const prompt = "Tell me about foxes";
const messages = [{ role: "user" as const, content: prompt }];
const ask = (model: string, more: object = {}) => ({ model, messages, ...more });
const text = "The quick brown fox jumps over the lazy dog. ".repeat(5);

/** The events that a client receives, parsed; the end marker stays a text. */
async function streamed(
  body: object,
): Promise<{ events: Record<string, unknown>[]; last: string; headers: Headers }> {
  const response = await complete(
    new Request("http://app.test/api/v1/chat/completions", {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ ...body, stream: true }),
    }),
  );
  const data = (await response.text()).split("\n\n").filter((event) => event.startsWith("data: "));
  const payloads = data.map((event) => event.slice(6));
  const last = payloads.at(-1) ?? "";
  const events = payloads.filter((one) => one !== "[DONE]").map((one) => JSON.parse(one));
  return { events, last, headers: response.headers };
}

function priceOf(model: string) {
  const found = findModel(model);
  if (found === undefined) throw new Error(`There is no model ${model}.`);
  return found.price;
}

const promptTokens = countText("plain", prompt) + 7;
const chargeOf = (completionTokens: number, prompt = promptTokens) =>
  chargeMicros(priceOf("plain"), { promptTokens: prompt, cachedTokens: 0, completionTokens });
const ownCharge = (answer: string) => chargeOf(countText("plain", answer));
const spent = async () => (await readCredit(env, user)).spent;

async function readCall() {
  const [row] = await env.sql<{ outcome: string; estimated: boolean; tokens: number; charged: number }[]>`
    select outcome, estimated, completion_tokens as tokens, charged_micros::float8 as charged
    from openai_interactions where workspace_id = ${user.workspaceId}`;
  return row;
}

describe("usage", () => {
  test("D2: a whole answer without usage costs the same as the streamed one", async () => {
    upstream.answer(wholeOf({ content: text }));
    const whole = await client.chat.completions.create(ask("plain"));
    expect(await spent()).toBe(ownCharge(text));
    expect(whole.usage).toMatchObject({
      prompt_tokens: promptTokens,
      completion_tokens: countText("plain", text),
    });
    upstream.answer(streamOf(chunk({ content: text }), chunk({}, "stop"), done));
    await streamed(ask("plain"));
    await expect.poll(spent, pollOptions).toBe(2 * ownCharge(text));
  });

  test("D4: a client that leaves pays the larger of what was reported and what was received", async () => {
    const early = chunk({ content: "The " }, null, {
      usage: { prompt_tokens: 12, completion_tokens: 1, total_tokens: 13 },
    });
    upstream.answer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(early + chunk({ content: text }));
    });
    const left = new AbortController();
    const stream = await client.chat.completions.create(
      { ...ask("plain"), stream: true },
      { signal: left.signal },
    );
    let seen = "";
    for await (const one of stream) {
      seen += one.choices[0]?.delta.content ?? "";
      if (seen.length > text.length) break;
    }
    left.abort();
    await expect.poll(spent, pollOptions).toBe(chargeOf(countText("plain", `The ${text}`), 12));
    expect(await readCall()).toMatchObject({ outcome: "stopped", estimated: true });
  });

  test.each([
    ["zero", usageChunk(0, 0)],
    ["without completion_tokens", usageChunk(12, undefined)],
    ["fractional", usageChunk(12, 24.5)],
  ])("D5: usage that is %s is replaced by our count and marked estimated", async (_name, reported) => {
    upstream.answer(streamOf(chunk({ content: text }), chunk({}, "stop"), reported, done));
    await streamed(ask("plain"));
    await expect.poll(spent, pollOptions).toBe(ownCharge(text));
    expect(await readCall()).toMatchObject({ outcome: "done", estimated: true });
  });

  test("C12: impossible usage of a whole answer is not believed, and the operator is told", async () => {
    upstream.answer(
      wholeOf({ content: "Yes." }, "stop", {
        usage: { prompt_tokens: 1_000_000, completion_tokens: 90_000_000 },
      }),
    );
    const whole = await client.chat.completions.create(ask("alias"));
    expect(await spent()).toBe(ownCharge("Yes."));
    expect(whole.usage).toMatchObject({ completion_tokens: countText("alias", "Yes.") });
    expect(alerts).toHaveLength(1);
  });

  test("C12: impossible usage of embeddings is not believed", async () => {
    const data = [{ object: "embedding", index: 0, embedding: [0.1] }];
    upstream.answer(
      jsonOf({ object: "list", data, usage: { prompt_tokens: 5_000_000, total_tokens: 5_000_000 } }),
    );
    await client.embeddings.create({ model: "embedder", input: "two words", encoding_format: "float" });
    const tokens = { promptTokens: countText("embedder", "two words"), cachedTokens: 0, completionTokens: 0 };
    expect(await spent()).toBe(chargeMicros(priceOf("embedder"), tokens));
  });

  test("D6: thinking counts when the client leaves", async () => {
    upstream.answer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk({ reasoning: text }));
    });
    const left = new AbortController();
    const stream = await client.chat.completions.create(
      { ...ask("plain"), stream: true },
      { signal: left.signal },
    );
    await stream[Symbol.asyncIterator]().next();
    left.abort();
    await expect.poll(spent, pollOptions).toBe(ownCharge(text));
  });

  test.each<[string, Script]>([
    ["whole", wholeOf({ content: "" }, "stop", { usage: { prompt_tokens: 12, completion_tokens: 0 } })],
    ["streamed", streamOf(chunk({ content: "" }), chunk({}, "stop"), usageChunk(12, 0), done)],
  ])("D9: an empty %s answer costs nothing", async (kind, script) => {
    upstream.answer(script);
    if (kind === "whole") await client.chat.completions.create(ask("plain"));
    else await streamed(ask("plain"));
    await expect
      .poll(() => readCredit(env, user), pollOptions)
      .toMatchObject({ open: 0, held: 0, charges: 0 });
  });

  test("an answer that is all hidden thinking up to its limit is charged", async () => {
    const usage = {
      prompt_tokens: 12,
      completion_tokens: 50,
      completion_tokens_details: { reasoning_tokens: 50 },
    };
    upstream.answer(wholeOf({ content: "" }, "length", { usage }));
    await client.chat.completions.create(ask("plain", { max_completion_tokens: 50 }));
    expect(await spent()).toBe(chargeOf(50, 12));
  });
});

describe("answers that are none", () => {
  const nones: [string, Script, Script][] = [
    [
      "an error object",
      jsonOf({ error: { message: "overloaded", code: 502 } }),
      streamOf('data: {"error":{"message":"overloaded","code":502}}\n\n'),
    ],
    ["no choices", jsonOf({ id: "x", choices: [] }), streamOf('data: {"id":"x","choices":[]}\n\n', done)],
    [
      "finish_reason error",
      wholeOf({ content: null }, "error"),
      streamOf(chunk({ role: "assistant" }), chunk({}, "error"), done),
    ],
  ];
  test.each(nones)(
    "D3: a 200 with %s is retried, then answered by the fallback",
    async (_name, whole, stream) => {
      const good = {
        whole: wholeOf({ content: "Good." }),
        stream: streamOf(chunk({ content: "Good." }), chunk({}, "stop"), done),
      };
      upstream.answer((response, body) => {
        const isStream = body.stream === true;
        const script =
          body.model === "plain" ? good[isStream ? "stream" : "whole"] : isStream ? stream : whole;
        return script(response, body);
      });
      const [{ data, response }, { events, headers }] = await Promise.all([
        client.chat.completions.create(ask("failing")).withResponse(),
        streamed(ask("failing")),
      ]);
      expect(data).toMatchObject({ model: "failing", choices: [{ message: { content: "Good." } }] });
      expect(events[0]).toMatchObject({ model: "failing", choices: [{ delta: { content: "Good." } }] });
      for (const sent of [response.headers, headers])
        expect(sent.get("x-parley-model")).toBe("upstream-model");
      // Each request retries the first model three times, then asks the fallback.
      const asked = upstream.received.map((body) => body.model).sort();
      expect(asked).toEqual([...Array(8).fill("failing"), "plain", "plain"]);
    },
    60_000,
  );

  test("D3: without a fallback it is an error that costs nothing", async () => {
    const [, whole, stream] = nones[0] ?? [];
    upstream.answer((response, body) => (body.stream === true ? stream : whole)?.(response, body));
    const refused = { status: 502, code: "model_failed" };
    await Promise.all([
      expect(client.chat.completions.create(ask("plain"))).rejects.toMatchObject(refused),
      expect(client.chat.completions.create({ ...ask("plain"), stream: true })).rejects.toMatchObject(
        refused,
      ),
    ]);
    expect(await readCredit(env, user)).toMatchObject({ charges: 0, held: 0, open: 0, spent: 0 });
  }, 60_000);
});

describe("limits", () => {
  const words = Array.from({ length: 200 }, (_, index) => ` word${index}`).join("");

  test.each([
    ["many chunks", words.match(/ \w+/g)?.map((word) => chunk({ content: word })) ?? []],
    ["one chunk", [chunk({ content: words })]],
  ])("D7: a stream beyond the limit in %s is cut there and charged up to it", async (_name, chunks) => {
    upstream.answer(streamOf(...chunks, chunk({}, "stop"), usageChunk(12, 600), done));
    const { events, last } = await streamed(
      ask("plain", { max_completion_tokens: 10, stream_options: { include_usage: true } }),
    );
    const content = events
      .map((event) => (event as unknown as OpenAI.ChatCompletionChunk).choices[0]?.delta.content ?? "")
      .join("");
    expect(words.startsWith(content)).toBe(true);
    expect(countText("plain", content)).toBeGreaterThan(7);
    expect(countText("plain", content)).toBeLessThanOrEqual(10);
    expect(events.at(-2)).toMatchObject({ choices: [{ index: 0, delta: {}, finish_reason: "length" }] });
    expect(events.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 10 } });
    expect(last).toBe("[DONE]");
    await expect.poll(spent, pollOptions).toBeLessThanOrEqual(chargeOf(10));
    expect(await readCall()).toMatchObject({ outcome: "length", tokens: 10 });
  });

  test("D7: a whole answer beyond the limit is cut there and charged up to it", async () => {
    upstream.answer(
      wholeOf({ content: words }, "stop", { usage: { prompt_tokens: 12, completion_tokens: 600 } }),
    );
    const whole = await client.chat.completions.create(ask("plain", { max_tokens: 10 }));
    const content = whole.choices[0]?.message.content ?? "";
    expect(words.startsWith(content)).toBe(true);
    expect(countText("plain", content)).toBeLessThanOrEqual(10);
    expect(whole.choices[0]?.finish_reason).toBe("length");
    expect(whole.usage?.completion_tokens).toBe(10);
    expect(await spent()).toBe(chargeOf(10));
  });

  test("D7: an entry names the limit's field, the roles and the options that its model accepts", async () => {
    upstream.answer(wholeOf({ content: "ok" }));
    const instructed = [{ role: "developer" as const, content: "Be brief." }, ...messages];
    const send = async (model: string) => {
      await client.chat.completions.create({ model, messages: instructed, max_completion_tokens: 10 });
      return upstream.received.at(-1);
    };
    expect(await send("plain")).toMatchObject({
      max_completion_tokens: 10,
      messages: [{ role: "developer" }, {}],
    });
    const old = await send("old");
    expect(old).toMatchObject({ max_tokens: 10, messages: [{ role: "system" }, {}] });
    expect(old).not.toHaveProperty("max_completion_tokens");
    const bare = await send("bare");
    expect(bare).toMatchObject({ messages: [{ role: "user" }, {}] });
    expect(bare).not.toHaveProperty("max_completion_tokens");
    expect(bare).not.toHaveProperty("max_tokens");
    upstream.answer(streamOf(chunk({ content: "ok" }), chunk({}, "stop"), done));
    const { events } = await streamed(ask("old", { stream_options: { include_usage: true } }));
    expect(upstream.received.at(-1)).not.toHaveProperty("stream_options");
    // The client gets the usage that it requested all the same.
    expect(events.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 1 } });
  });

  test("a model without vision or tools refuses them, and is no fallback for them", async () => {
    const image = [
      { role: "user" as const, content: [{ type: "image_url" as const, image_url: { url: "data:," } }] },
    ];
    const tools = [{ type: "function" as const, function: { name: "f" } }];
    upstream.answer((response, body) =>
      body.model === "bare"
        ? wholeOf({ content: "ok" })(response, body)
        : jsonOf({ choices: [] })(response, body),
    );
    await expect(client.chat.completions.create({ model: "bare", messages: image })).rejects.toMatchObject({
      status: 400,
    });
    await expect(client.chat.completions.create(ask("bare", { tools }))).rejects.toMatchObject({
      status: 400,
    });
    expect(upstream.received).toEqual([]);
    await expect(client.chat.completions.create({ model: "blind", messages: image })).rejects.toMatchObject({
      status: 502,
    });
    await expect(client.chat.completions.create(ask("blind"))).resolves.toMatchObject({
      choices: [{ message: { content: "ok" } }],
    });
  }, 60_000);
});

describe("chunks", () => {
  test("D10: chunks and whole answers name the requested model, and a header the one that answered", async () => {
    upstream.answer(wholeOf({ content: "ok" }, "stop", { model: "vendor/real-name-2026" }));
    const { data, response } = await client.chat.completions.create(ask("alias")).withResponse();
    expect(data.model).toBe("alias");
    expect(response.headers.get("x-parley-model")).toBe("vendor/real-name-2026");
    upstream.answer(
      streamOf(
        chunk({ content: "a" }),
        chunk({ content: '"model":"upstream-model"' }),
        chunk({}, "stop"),
        usageChunk(12, 3),
        done,
      ),
    );
    const { events, headers } = await streamed(ask("alias", { stream_options: { include_usage: true } }));
    expect(new Set(events.map((event) => event.model))).toEqual(new Set(["alias"]));
    expect(events[1]).toMatchObject({ choices: [{ delta: { content: '"model":"upstream-model"' } }] });
    expect(headers.get("x-parley-model")).toBe("upstream-model");
    expect(upstream.received[0]?.model).toBe("vendor/real-name");
  });

  test("D17: the chunks of a cut answer are whole", async () => {
    upstream.answer(streamOf(chunk({ content: text }), chunk({}, "stop"), done));
    const { events } = await streamed(
      ask("plain", { max_tokens: 5, stream_options: { include_usage: true } }),
    );
    for (const event of events)
      expect(event).toMatchObject({
        id: "chatcmpl-7",
        object: "chat.completion.chunk",
        created: 1_790_000_000,
        model: "plain",
        choices: expect.any(Array),
      });
    expect(events.at(-1)?.usage).toMatchObject({
      prompt_tokens: promptTokens,
      completion_tokens: 5,
      total_tokens: promptTokens + 5,
    });
  });

  test("D17: an error within a stream has param and request id, after the text before it", async () => {
    upstream.answer(streamOf(chunk({ content: "Half" }), 'data: {"error":"upstream connect error"}\n\n'));
    const { events, headers } = await streamed(ask("plain"));
    expect(events[0]).toMatchObject({ choices: [{ delta: { content: "Half" } }] });
    expect(events[1]).toEqual({
      error: {
        message: expect.any(String),
        type: "server_error",
        param: null,
        code: "model_failed",
        request_id: headers.get("x-request-id"),
      },
    });
    await expect.poll(spent, pollOptions).toBe(ownCharge("Half"));
  });

  test("a stream without a finish reason or an end marker gets both", async () => {
    upstream.answer(streamOf(chunk({ content: "All of it." }), done));
    const { events, last } = await streamed(ask("plain"));
    expect(events.at(-1)).toMatchObject({
      id: "chatcmpl-7",
      choices: [{ index: 0, delta: {}, finish_reason: "stop" }],
    });
    expect(last).toBe("[DONE]");
    upstream.answer(streamOf(chunk({ content: "All of it." }), chunk({}, "stop")));
    expect((await streamed(ask("plain"))).last).toBe("[DONE]");
  });

  test("a client that leaves before it reads anything pays for what was received", async () => {
    upstream.answer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk({ content: text }));
    });
    const caller = await findCaller(key, "chat", now());
    const left = new AbortController();
    const request = ask("plain", { stream: true });
    const call = { caller, request, requestId: "r", signal: left.signal, headers: new Headers() };
    const bytes = await streamForApi(call);
    left.abort();
    await bytes.return();
    expect(await spent()).toBe(ownCharge(text));
    expect(await readCredit(env, user)).toMatchObject({ open: 0, held: 0 });
  });

  test("a stream that takes long to begin sends comments meanwhile", async () => {
    let begin: (() => void) | undefined;
    upstream.answer((response) => {
      begin = () =>
        void streamOf(
          chunk({ content: "At last." }),
          chunk({}, "stop"),
          done,
        )(response, { model: "", messages: [] });
    });
    const caller = await findCaller(key, "chat", now());
    const call = {
      caller,
      request: ask("plain", { stream: true }),
      requestId: "r",
      signal: new AbortController().signal,
      headers: new Headers(),
    };
    let all = "";
    for await (const bytes of await streamForApi({ ...call, keepAliveMs: 20 })) {
      all += Buffer.from(bytes).toString();
      begin?.();
      begin = undefined;
    }
    expect(all).toMatch(/^: waiting for the model\n\n/);
    expect(all).toContain('"content":"At last."');
    expect(await spent()).toBe(ownCharge("At last."));
  });
});
