import OpenAI, { APIUserAbortError, AuthenticationError, NotFoundError, RateLimitError } from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { LoggedRequest } from "#sandbox/openai/request-log.ts";
import { startOpenAiSandbox } from "#sandbox/openai/server.ts";

let sandbox: Awaited<ReturnType<typeof startOpenAiSandbox>>;
let client: OpenAI;

beforeAll(async () => {
  sandbox = await startOpenAiSandbox({ port: 0, tokensPerSecond: 0, firstTokenMs: 0 });
  client = new OpenAI({ baseURL: sandbox.url, apiKey: "sk-sandbox-test", maxRetries: 0, logLevel: "off" });
});
afterAll(() => sandbox.stop());
beforeEach(() => fetch(new URL("/_control/reset", sandbox.url), { method: "POST" }));

async function requests(): Promise<LoggedRequest[]> {
  const answer = await fetch(new URL("/_control/requests", sandbox.url));
  const { requests } = (await answer.json()) as { requests: LoggedRequest[] }; // the sandbox's own shape
  return requests;
}

const ask = (content: string) => [{ role: "user" as const, content }];

async function streamed(content: string, options: { model?: string; max?: number; stop?: string } = {}) {
  const stream = await client.chat.completions.create({
    model: options.model ?? "gpt-5.4-mini",
    messages: ask(content),
    stream: true,
    stream_options: { include_usage: true },
    ...(options.max && { max_completion_tokens: options.max }),
    ...(options.stop && { stop: options.stop }),
  });
  const seen = {
    text: "",
    finish: "",
    usage: undefined as OpenAI.CompletionUsage | null | undefined,
    chunks: 0,
  };
  for await (const chunk of stream) {
    seen.chunks += 1;
    seen.text += chunk.choices[0]?.delta.content ?? "";
    seen.finish = chunk.choices[0]?.finish_reason ?? seen.finish;
    seen.usage = chunk.usage ?? seen.usage;
  }
  return seen;
}

test("models that think, reach their limit or are filtered say so in the stream", async () => {
  const reasons: string[] = [];
  let thinking = "";
  for (const model of ["sandbox-thinking", "sandbox-length", "sandbox-content-filter"]) {
    const options = { stream: true, stream_options: { include_usage: true } } as const;
    const stream = await client.chat.completions.create({
      model,
      messages: ask("long 100 tokens"),
      ...options,
    });
    for await (const { choices, usage } of stream) {
      const [choice] = choices;
      // OpenAI's SDK does not know the field of other servers.
      thinking += (choice?.delta as { reasoning_content?: string } | undefined)?.reasoning_content ?? "";
      reasons.push(choice?.finish_reason ?? "");
      if (usage && model === "sandbox-thinking")
        expect(usage.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(10);
    }
  }
  expect(thinking).toContain("thinks before it answers");
  expect(reasons.filter((reason) => reason !== "")).toEqual(["stop", "length", "content_filter"]);
});

describe("answers", () => {
  test("an exact answer is returned exactly, with whole characters in every chunk", async () => {
    const words = "Grüße, 漢字, שלום and 👩‍🚀\nin two lines";
    const { text, finish } = await streamed(`say exactly: ${words}`);
    expect(text).toBe(words);
    expect(finish).toBe("stop");
  });

  test("the same prompt has the same answer, streamed or not, and the answer says that it is simulated", async () => {
    const { text, usage } = await streamed("What is a ledger?");
    const whole = await client.chat.completions.create({
      model: "gpt-5.4-mini",
      messages: ask("What is a ledger?"),
    });
    expect(whole.choices[0]?.message.content).toBe(text);
    expect(whole.usage?.completion_tokens).toBe(usage?.completion_tokens);
    expect(text).toContain("no model is thinking");
  });

  test("a long answer has the requested number of tokens, and usage reports it", async () => {
    const { usage, chunks } = await streamed("long 500 tokens");
    expect(usage?.completion_tokens).toBe(500);
    expect(usage?.total_tokens).toBe(500 + (usage?.prompt_tokens ?? 0));
    expect(chunks).toBeGreaterThan(450);
  });

  test("an answer ends at its token limit and before a stop sequence", async () => {
    const limited = await streamed("long 500 tokens", { max: 20 });
    expect(limited.usage?.completion_tokens).toBe(20);
    expect(limited.finish).toBe("length");
    const stopped = await streamed("say exactly: one two STOP three", { stop: "STOP" });
    expect(stopped.text).toBe("one two ");
    expect(stopped.finish).toBe("stop");
  });

  test("a markdown answer contains a table, code and math, and a diagram only on request", async () => {
    const { text } = await streamed("Show me markdown");
    for (const mark of ["| Plan |", "```typescript", "$$", "- [x]"]) expect(text).toContain(mark);
    expect(text).not.toContain("```mermaid");
    expect((await streamed("Draw a diagram")).text).toContain("```mermaid");
  });

  test("a system prompt for a title returns a short title from the user's words", async () => {
    const titleOf = async (content: string) => {
      const system = { role: "system" as const, content: "Write a title for this conversation." };
      const messages = [system, { role: "user" as const, content }];
      const { choices } = await client.chat.completions.create({ model: "gpt-5.4-nano", messages });
      return choices[0]?.message.content;
    };
    expect(await titleOf("why do ferries leave on time, when it rains all morning?")).toBe(
      "Why do ferries leave on time",
    );
    expect(await titleOf("Show me a table, code and some mathematics")).toBe("Show me a table, code");
  });

  test("a tool named in the prompt is called with valid arguments, and its result is used", async () => {
    const tool = {
      type: "function" as const,
      function: {
        name: "get_weather",
        parameters: {
          type: "object",
          properties: { place: { type: "string" }, unit: { enum: ["celsius", "kelvin"] } },
          required: ["place", "unit"],
        },
      },
    };
    const messages = ask("Call get_weather for Genoa");
    const stream = client.chat.completions.stream({ model: "gpt-5.4", messages, tools: [tool] });
    const { message, finish_reason } = (await stream.finalChatCompletion()).choices[0] ?? {};
    const call = message?.tool_calls?.[0];
    expect(finish_reason).toBe("tool_calls");
    if (call?.type !== "function") throw new Error("No function was called.");
    expect(call.function.name).toBe("get_weather");
    expect(JSON.parse(call.function.arguments)).toEqual({
      place: "Call get_weather for Genoa",
      unit: "celsius",
    });
    const after = await client.chat.completions.create({
      model: "gpt-5.4",
      tools: [tool],
      messages: [
        ...messages,
        { role: "assistant", tool_calls: message?.tool_calls ?? [] },
        { role: "tool", tool_call_id: call.id, content: "18 degrees" },
      ],
    });
    expect(after.choices[0]?.message.content).toContain("18 degrees");
  });

  test("a repeated prompt of over 1,024 tokens is cached in blocks of 128", async () => {
    const prompt = "The ferries left on time. ".repeat(300);
    expect((await streamed(prompt)).usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    const { usage } = await streamed(prompt);
    const cached = usage?.prompt_tokens_details?.cached_tokens ?? 0;
    expect(cached).toBeGreaterThanOrEqual(1024);
    expect(cached % 128).toBe(0);
    expect(cached).toBeLessThanOrEqual(usage?.prompt_tokens ?? 0);
  });
});

describe("moderations", () => {
  test("a text with a category's trigger word is flagged for it, each text of a list by itself", async () => {
    const input = ["about sandbox-violence", "about sandbox-hate/threatening", "about ships"];
    const { results } = await client.moderations.create({ model: "omni-moderation-latest", input });
    expect(results.map(({ flagged }) => flagged)).toEqual([true, true, false]);
    expect(results[0]?.categories).toMatchObject({ violence: true, "violence/graphic": false, hate: false });
    expect(results[1]?.categories).toMatchObject({ "hate/threatening": true, hate: false });
  });

  test("text parts are judged together, and an unknown model or an empty input is refused", async () => {
    const parts = [
      { type: "text" as const, text: "about sandbox-sexual" },
      { type: "image_url" as const, image_url: { url: "https://example.com/a.png" } },
    ];
    const { results } = await client.moderations.create({ input: parts });
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({ flagged: true, categories: { sexual: true } });
    await expect(client.moderations.create({ model: "gpt-0", input: "x" })).rejects.toMatchObject({
      status: 404,
    });
    await expect(client.moderations.create({ input: [] })).rejects.toMatchObject({ status: 400 });
  });
});

describe("embeddings", () => {
  test("the same text has the same unit vector, which is close to a text with shared words", async () => {
    const input = [
      "ships in the harbour",
      "ships in the harbour",
      "ships near the harbour",
      "compound interest",
    ];
    const { data, usage } = await client.embeddings.create({ model: "text-embedding-3-small", input });
    const [a, b, near, far] = data.map(({ embedding }) => embedding);
    const product = (x: number[] = [], y: number[] = []) =>
      x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
    expect(a).toHaveLength(1536);
    expect(b).toEqual(a);
    expect(product(a, a)).toBeCloseTo(1, 4);
    expect(product(a, near)).toBeGreaterThan(product(a, far) + 0.3);
    expect(usage.prompt_tokens).toBeGreaterThan(10);
  });

  test("embeddings have the requested dimensions in both encodings", async () => {
    const { data } = await client.embeddings.create({
      model: "text-embedding-3-large",
      input: "ships",
      dimensions: 256,
      encoding_format: "float",
    });
    expect(data[0]?.embedding).toHaveLength(256);
  });
});

describe("errors", () => {
  test("a wrong key returns 401 with a request id", async () => {
    const wrongKeyClient = new OpenAI({ baseURL: sandbox.url, apiKey: "sk-proj-something", maxRetries: 0 });
    const error = await wrongKeyClient.models.list().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({
      status: 401,
      code: "invalid_api_key",
      requestID: expect.stringMatching(/^req_/),
    });
  });

  test("an unknown model returns 404, and the model list contains all models", async () => {
    await expect(streamed("hello", { model: "gpt-none" })).rejects.toBeInstanceOf(NotFoundError);
    const ids = (await client.models.list()).data.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(["gpt-5.4-mini", "text-embedding-3-small", "sandbox-429"]));
  });

  test("max_tokens is rejected by models that only accept max_completion_tokens", async () => {
    const request = { model: "gpt-5.4", messages: ask("hello"), max_tokens: 5 };
    await expect(client.chat.completions.create(request)).rejects.toMatchObject({
      status: 400,
      param: "max_tokens",
    });
  });

  test("a prompt longer than the context window returns 400", async () => {
    const prompt = "rain ".repeat(130_000);
    await expect(streamed(prompt, { model: "gpt-4o-mini" })).rejects.toMatchObject({
      code: "context_length_exceeded",
    });
  });
});

describe("models that fail on demand", () => {
  test("sandbox-429 always returns 429 with a retry time", async () => {
    const error = await streamed("hello", { model: "sandbox-429" }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(RateLimitError);
    expect((error as RateLimitError).headers.get("retry-after")).toBe("1"); // its class was just seen
  });

  test.each(["sandbox-429-once", "sandbox-500-once"])("%s succeeds on the second request", async (model) => {
    await expect(streamed("hello", { model })).rejects.toThrow();
    expect((await streamed("hello", { model })).finish).toBe("stop");
    await expect(streamed("hello", { model })).rejects.toThrow();
  });

  test("sandbox-invalid-key returns 401, and sandbox-500 returns 500", async () => {
    await expect(streamed("hello", { model: "sandbox-invalid-key" })).rejects.toMatchObject({ status: 401 });
    await expect(streamed("hello", { model: "sandbox-500" })).rejects.toMatchObject({ status: 500 });
  });

  test("sandbox-empty ends normally without text, and sandbox-no-usage omits usage", async () => {
    expect(await streamed("hello", { model: "sandbox-empty" })).toMatchObject({ text: "", finish: "stop" });
    const { text, usage } = await streamed("hello", { model: "sandbox-no-usage" });
    expect(text).not.toBe("");
    expect(usage).toBeUndefined();
  });

  test.each(["sandbox-cut", "sandbox-malformed", "sandbox-error-midstream"])(
    "%s breaks after the answer has begun",
    async (model) => {
      const stream = await client.chat.completions.create({
        model,
        messages: ask("long 100 tokens"),
        stream: true,
      });
      let text = "";
      const reading = (async () => {
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
      })();
      await expect(reading).rejects.toThrow();
      expect(text).not.toBe("");
    },
  );

  test.each([
    ["sandbox-hang", 0],
    ["sandbox-stall", 12],
  ])("%s goes silent until the client goes, and that it went is written down", async (model, pieces) => {
    const stopping = new AbortController();
    const request = { model, messages: ask("long 100 tokens"), stream: true as const };
    const stream = await client.chat.completions.create(request, { signal: stopping.signal });
    let count = 0;
    if (pieces === 0) stopping.abort();
    const reading = (async () => {
      for await (const chunk of stream) {
        if ((chunk.choices[0]?.delta.content ?? "") !== "") count += 1;
        if (count === pieces) stopping.abort();
      }
    })();
    await reading.catch((error: unknown) => expect(error).toBeInstanceOf(APIUserAbortError));
    expect(count).toBe(pieces);
    await expect
      .poll(async () => (await requests()).at(-1))
      .toMatchObject({ abortedByClient: true, outcome: "aborted" });
  });
});

describe("timing", () => {
  test("tokens arrive at the times set by the request headers", async () => {
    const startedAt = performance.now();
    const stream = await client.chat.completions.create(
      { model: "gpt-5.4", messages: ask("long 50 tokens"), stream: true },
      { headers: { "x-sandbox-tokens-per-second": "100", "x-sandbox-first-token-ms": "200" } },
    );
    let firstAt = 0;
    for await (const _ of stream) firstAt ||= performance.now();
    expect(firstAt - startedAt).toBeGreaterThan(190);
    expect(performance.now() - firstAt).toBeGreaterThan(450);
  });

  test("an endless answer pauses for a slow reader and ends when the reader disconnects", async () => {
    const stopping = new AbortController();
    const response = await fetch(`${sandbox.url}/chat/completions`, {
      method: "POST",
      headers: { authorization: "Bearer sk-sandbox-test", "content-type": "application/json" },
      body: JSON.stringify({ model: "sandbox-endless", messages: ask("go"), stream: true }),
      signal: stopping.signal,
    });
    expect(response.status).toBe(200);
    const sent = async () => (await requests()).at(-1)?.tokensSent ?? 0;
    // It has stopped sending when nothing was added between two looks.
    let before = -1;
    await expect
      .poll(
        async () => {
          const now = await sent();
          const still = now > 0 && now === before;
          before = now;
          return still;
        },
        { timeout: 20_000, interval: 500 },
      )
      .toBe(true);
    stopping.abort();
    await expect.poll(async () => (await requests()).at(-1)?.outcome).toBe("aborted");
  });

  test("the sandbox lists requests with model, body and sent tokens", async () => {
    await streamed("long 30 tokens");
    const [request] = await requests();
    expect(request).toMatchObject({
      model: "gpt-5.4-mini",
      stream: true,
      outcome: "completed",
      abortedByClient: false,
      tokensSent: 30,
      body: { messages: ask("long 30 tokens") },
    });
  });
});
