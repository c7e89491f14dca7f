import { createServer, type Server } from "node:http";
import { deflateSync } from "node:zlib";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { POST as completeRoute } from "#app/api/v1/chat/completions/route.ts";
import { POST as embedRoute } from "#app/api/v1/embeddings/route.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { now } from "#lib/core/clock.ts";
import { checked } from "#tests/contract.ts";
import {
  addUser,
  type ChatTestEnv,
  readCredit,
  startChatTestEnv,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

const complete = checked(completeRoute);
const embed = checked(embedRoute);

const model = "gpt-4.1-mini";
let env: ChatTestEnv;
let upstream: Server;
/** The bodies that the upstream received, and the error that it answers with. */
const received: Record<string, unknown>[] = [];
let refusal: { status: number; body: unknown } | null = null;
let user: TestUser;
let client: OpenAI;
let key: string;

beforeAll(async () => {
  env = await startChatTestEnv();
  upstream = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push(JSON.parse(Buffer.concat(chunks).toString()));
      const { status, body } = refusal ?? { status: 200, body: answerTo(request.url ?? "") };
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  const address = upstream.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  vi.stubEnv("OPENAI_BASE_URL", `http://127.0.0.1:${address.port}/v1`);
});
beforeEach(async () => {
  received.length = 0;
  refusal = null;
  user = await addUser(env);
  const wanted = { name: "test", scopes: ["chat" as const, "embeddings" as const], budgetMicros: null };
  key = (await createApiKey(env.db, user.workspaceId, user.userId, { ...wanted, expiresAt: null }, now()))
    .secret;
  const serve = (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    return request.url.endsWith("/embeddings") ? embed(request) : complete(request);
  };
  client = new OpenAI({ apiKey: key, baseURL: "http://app.test/api/v1", maxRetries: 0, fetch: serve });
});
afterAll(async () => {
  await new Promise((resolve) => upstream.close(resolve));
  await env.close();
});

function answerTo(url: string) {
  const usage = { prompt_tokens: 12, completion_tokens: 1, total_tokens: 13 };
  if (url.endsWith("/embeddings"))
    return { object: "list", data: [{ object: "embedding", index: 0, embedding: [0.5] }], usage };
  const message = { role: "assistant", content: "ok" };
  return {
    id: "x",
    object: "chat.completion",
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage,
  };
}

/** Sends a body as programs do that do not use OpenAI's SDK; returns status and error. */
async function send(fields: object, route: (request: Request) => Promise<Response> = complete) {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "hello" }], ...fields });
  const response = await route(new Request("http://app.test/api/v1/x", { method: "POST", headers, body }));
  const { error } = await response.json();
  return { status: response.status, error };
}

const withParts = (...parts: object[]) => ({ messages: [{ role: "user", content: parts }] });
const imagePart = (url: string, detail?: string) => ({ type: "image_url", image_url: { url, detail } });

describe("fields of a chat request", () => {
  test("D15: null stands for every optional field", async () => {
    const names = [
      ...[
        "max_tokens",
        "max_completion_tokens",
        "n",
        "stream",
        "stream_options",
        "temperature",
        "top_p",
        "stop",
      ],
      ...["presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs", "seed", "tools"],
      ...["response_format", "tool_choice", "parallel_tool_calls", "reasoning_effort", "verbosity", "user"],
      ...["service_tier", "metadata", "store", "web_search_options", "modalities", "audio", "prediction"],
    ];
    const nulls = Object.fromEntries(names.map((name) => [name, null]));
    const message = { role: "assistant", content: null, name: null, tool_calls: null, refusal: null };
    const messages = [{ role: "user", content: "hello", name: null }, message];
    expect(await send({ ...nulls, messages })).toMatchObject({ status: 200 });
    // Strict upstreams reject null where OpenAI takes it as absent; only a message's content may be null.
    expect(received[0]?.messages).toEqual([
      { role: "user", content: "hello" },
      { role: "assistant", content: null },
    ]);
    expect(Object.values(received[0] ?? {})).not.toContain(null);
  });

  test("D15: null for a field of an embeddings request does not reach the upstream", async () => {
    const nulls = { encoding_format: null, dimensions: null, user: null };
    expect(await send({ model: "text-embedding-3-small", input: "a", ...nulls }, embed)).toMatchObject({
      status: 200,
    });
    expect(Object.values(received[0] ?? {})).not.toContain(null);
  });

  test("D15: fields that we do not know reach the upstream", async () => {
    const fields = {
      ...{ service_tier: "flex", metadata: { a: "b" }, store: false, prompt_cache_key: "k", top_k: 5 },
      messages: [
        { role: "user", content: [{ type: "text", text: "hi", cache_control: { type: "ephemeral" } }] },
        { role: "assistant", content: "ok", reasoning_content: "because" },
        { role: "user", content: "and?" },
      ],
      tools: [{ type: "custom", custom: { name: "run", format: { type: "text" } } }],
    };
    expect(await send(fields)).toMatchObject({ status: 200 });
    expect(received[0]).toMatchObject(fields);
  });

  test("D15: recordings and documents reach the upstream", async () => {
    const parts = [
      { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } },
      { type: "file", file: { file_data: "data:application/pdf;base64,JVBERg==", filename: "a.pdf" } },
    ];
    expect(await send(withParts(...parts))).toMatchObject({ status: 200 });
    expect(received[0]).toMatchObject(withParts(...parts));
  });

  test.each([
    ["web_search_options", { web_search_options: {} }, "web_search_options"],
    ["service_tier", { service_tier: "priority" }, "service_tier"],
    ["modalities", { modalities: ["text", "audio"] }, "modalities"],
    ["audio", { audio: { voice: "alloy" } }, "audio"],
    ["models", { models: ["gpt-5.5"] }, "models"],
    ["a hosted tool", { tools: [{ type: "web_search" }] }, "tools.0.type"],
    [
      "an uploaded file",
      withParts({ type: "file", file: { file_id: "file-1" } }),
      "messages.0.content.0.file.file_id",
    ],
    [
      "a video",
      withParts({ type: "video_url", video_url: { url: "https://a.example" } }),
      "messages.0.content.0.type",
    ],
  ])("D15: %s, which cannot be metered, is refused by name", async (_name, fields, param) => {
    const { status, error } = await send(fields);
    expect(status).toBe(400);
    expect(error).toMatchObject({ type: "invalid_request_error", param });
    expect(received).toEqual([]);
  });

  test("D13: a prompt that is too long is a 400 in the words that clients look for", async () => {
    const { status, error } = await send({ messages: [{ role: "user", content: "a ".repeat(1_100_000) }] });
    expect(status).toBe(400);
    expect(error).toMatchObject({ code: "context_length_exceeded", param: "messages" });
    expect(error.message).toContain("maximum context length is");
  });

  test("D13: an unknown model is a 404 with param model", async () => {
    const failure = client.chat.completions.create({
      model: "none",
      messages: [{ role: "user", content: "x" }],
    });
    await expect(failure).rejects.toMatchObject({ status: 404, code: "model_not_found", param: "model" });
  });

  test("D12: an upstream's refusal is passed on with its words, code and parameter", async () => {
    const error = { message: "top_k is not for this model.", code: "unsupported_parameter", param: "top_k" };
    refusal = { status: 400, body: { error: { ...error, type: "invalid_request_error" } } };
    expect(await send({ top_k: 5 })).toMatchObject({ status: 400, error });
  });
});

describe("arrays of tokens to embeddings", () => {
  test.each([
    ["one array", [1, 2, 3, 4], 4],
    [
      "several arrays",
      [
        [1, 2, 3],
        [4, 5, 6, 7, 8],
      ],
      8,
    ],
  ])("D14: %s is taken and passed on", async (_name, input, count) => {
    refusal = { status: 200, body: { ...answerTo("/embeddings"), usage: undefined } };
    await client.embeddings.create({ model: "text-embedding-3-small", input, encoding_format: "float" });
    expect(received[0]).toMatchObject({ input });
    const [row] = await env.sql<{ tokens: number }[]>`
      select prompt_tokens as tokens from openai_interactions where workspace_id = ${user.workspaceId}`;
    expect(row?.tokens).toBe(count);
  });

  test.each([
    ["an empty list", []],
    ["an empty array", [[1], []]],
    ["a fraction", [1.5]],
    ["a negative token", [[-1]]],
    ["texts and tokens", ["a", 1]],
    ["tokens and texts", [1, "a"]],
    ["an object", {}],
    ["more than 300,000 tokens", Array.from({ length: 40 }, () => new Array(8_000).fill(1))],
  ])("D14: %s is a 400", async (_name, input) => {
    expect(await send({ model: "text-embedding-3-small", input }, embed)).toMatchObject({ status: 400 });
  });

  test("D14: 250,000 tokens in one request are taken", async () => {
    const input = Array.from({ length: 50 }, () => new Array(5_000).fill(1));
    refusal = { status: 200, body: { ...answerTo("/embeddings"), usage: undefined } };
    expect(await send({ model: "text-embedding-3-small", input }, embed)).toMatchObject({ status: 200 });
  });

  test("D13, D14: an array longer than the model's context is a 400", async () => {
    const { status, error } = await send(
      { model: "text-embedding-3-small", input: new Array(8_193).fill(1) },
      embed,
    );
    expect(status).toBe(400);
    expect(error).toMatchObject({ code: "context_length_exceeded", param: "input" });
  });
});

/** A PNG of this size without content. */
function png(width: number, height: number): string {
  const header = Buffer.alloc(33);
  header.write("\x89PNG\r\n\x1a\n", 0, "latin1");
  header.writeUInt32BE(13, 8);
  header.write("IHDR", 12, "latin1");
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  return `data:image/png;base64,${Buffer.concat([header, deflateSync("")]).toString("base64")}`;
}

describe("images of a chat request", () => {
  test.each([
    ...["http://127.0.0.1/", "https://10.1.2.3/a.png", "http://[::1]:8080/", "http://169.254.169.254/latest"],
    ...["http://2130706433/", "http://0x7f.1/", "http://localhost:5432/", "http://metadata.google.internal/"],
    ...[
      "http://[::ffff:10.0.0.1]/",
      "http://[fd00::1]/",
      "http://redis/",
      "http://vllm.local./x",
      "http://100.64.0.1",
    ],
  ])("S19: %s is refused", async (url) => {
    const { status, error } = await send(withParts(imagePart(url)));
    expect(status).toBe(400);
    expect(error.param).toBe("messages.0.content.0.image_url.url");
    expect(received).toEqual([]);
  });

  test.each(["file:///etc/passwd", "gopher://a.example/", "ftp://a.example/x.png", "not a url"])(
    "S19: %s is refused",
    async (url) => {
      expect(await send(withParts(imagePart(url)))).toMatchObject({ status: 400 });
    },
  );

  test("S19: public addresses and data URLs reach the upstream", async () => {
    const parts = [imagePart("https://93.184.215.14/cat.png"), imagePart(png(8, 8))];
    expect(await send(withParts(...parts))).toMatchObject({ status: 200 });
  });

  /** Holds for one request in turn, so that the hold is what the prompt and one token of output cost. */
  async function heldFor(fields: object): Promise<number> {
    const before = await readCredit(env, user);
    expect(before.open).toBe(0);
    await send({ ...fields, max_tokens: 1 });
    const [row] = await env.sql<{ amount: number }[]>`
      select amount_micros::float8 as amount from holds where workspace_id = ${user.workspaceId}
      order by taken_at desc, id desc limit 1`;
    return row?.amount ?? 0;
  }

  test("S19: an image is held by its size and detail", async () => {
    const small = await heldFor(withParts(imagePart(png(64, 64))));
    const large = await heldFor(withParts(imagePart(png(2_048, 2_048))));
    const low = await heldFor(withParts(imagePart(png(2_048, 2_048), "low")));
    const unknown = await heldFor(withParts(imagePart("https://93.184.215.14/cat.png")));
    expect(small).toBeLessThan(low);
    expect(low).toBeLessThan(large);
    expect(unknown).toBe(large);
  });

  test("S19: name, refusal, tool_choice and reasoning are held for", async () => {
    const text = "one two three ".repeat(100);
    const plain = await heldFor({ messages: [{ role: "assistant", content: "hello" }] });
    for (const fields of [{ name: text }, { refusal: text }, { reasoning_content: text }])
      expect(
        await heldFor({ messages: [{ role: "assistant", content: "hello", ...fields }] }),
      ).toBeGreaterThan(plain + 100);
    const choice = { type: "function", function: { name: text } };
    const messages = [{ role: "assistant", content: "hello" }];
    expect(await heldFor({ messages, tool_choice: choice })).toBeGreaterThan(plain + 100);
  });
});
