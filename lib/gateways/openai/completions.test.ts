import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import type { ChatStream } from "#lib/gateways/openai/chat-stream.ts";
import { completeChat, openChatStream } from "#lib/gateways/openai/completions.ts";
import { forgetOutages } from "#lib/gateways/openai/health/target-health.ts";
import { type Capabilities, openAiCapabilities } from "#lib/gateways/openai/request-body.ts";
import { backoffMs } from "#lib/gateways/openai/try-targets.ts";

type Script = (request: { model: string; body: Record<string, unknown> }, response: ServerResponse) => void;

let script: Script;
let requestedModels: string[] = [];
let closed = 0;
const server = createServer(async (request: IncomingMessage, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const body = JSON.parse(Buffer.concat(parts).toString());
  requestedModels.push(body.model);
  response.on("close", () => {
    closed += 1;
  });
  script({ model: body.model, body }, response);
});

let baseUrl = "";
const alerts: Alert[] = [];
beforeEach(async () => {
  requestedModels = [];
  closed = 0;
  alerts.length = 0;
  forgetOutages();
  deliverAlertsTo(async (alert) => void alerts.push(alert));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an AddressInfo.
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const target = (model: string, accepts: Partial<Capabilities> = {}) => ({
  upstream: { name: `test-${baseUrl}`, baseUrl, apiKey: "sk-test" },
  model,
  modelId: model,
  accepts: { ...openAiCapabilities, ...accepts },
});
const timeouts = { silenceMs: 2_000, betweenTokensMs: 300, afterFinishMs: 100, totalMs: 5_000 };

function open(models: string[], more: object = {}): Promise<ChatStream> {
  const targets = models.map((model) => target(model));
  return openChatStream({
    targets,
    body: { messages: [] },
    signal: new AbortController().signal,
    timeouts,
    ...more,
  });
}

async function readAll(stream: ChatStream): Promise<string> {
  let text = "";
  for (let delta = await stream.read(); delta !== null; delta = await stream.read()) text += delta.text;
  return text;
}

function fail(
  response: ServerResponse,
  status: number,
  error: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify({ error }));
}

function chunk(content: string, finish: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
}

function play(response: ServerResponse, ...chunks: string[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const text of chunks) response.write(text);
}

const good: Script = (_request, response) => {
  play(response, chunk("hello"), chunk("", "stop"));
  response.end("data: [DONE]\n\n");
};

test("a streamed request asks for usage and uses the upstream's model name", async () => {
  let body: Record<string, unknown> = {};
  script = (request, response) => {
    body = request.body;
    good(request, response);
  };
  expect(await readAll(await open(["m"]))).toBe("hello");
  expect(body).toMatchObject({ model: "m", stream: true, stream_options: { include_usage: true } });
});

test("a busy upstream is retried after the time in its header", async () => {
  script = (request, response) =>
    requestedModels.length < 3 ? fail(response, 429, {}, { "retry-after-ms": "5" }) : good(request, response);
  expect(await readAll(await open(["m"]))).toBe("hello");
  expect(requestedModels).toHaveLength(3);
});

test("after three retries the error is model_busy with the time to wait", async () => {
  script = (_request, response) => fail(response, 429, {}, { "retry-after-ms": "5" });
  await expect(open(["m"])).rejects.toMatchObject({ code: "model_busy", retryAfterSeconds: 1 });
  expect(requestedModels).toHaveLength(4);
});

test("a request is not retried if the wait exceeds the silence timeout", async () => {
  script = (_request, response) => fail(response, 429, {}, { "retry-after": "60" });
  await expect(open(["m"])).rejects.toMatchObject({ code: "model_busy", retryAfterSeconds: 60 });
  expect(requestedModels).toHaveLength(1);
});

test("the next target is tried after the first one fails", async () => {
  script = (request, response) =>
    request.model === "first" ? fail(response, 503, {}, { "retry-after": "9" }) : good(request, response);
  const stream = await open(["first", "second"]);
  expect(stream.target.model).toBe("second");
  expect(await readAll(stream)).toBe("hello");
});

test("a rejected key raises one alert and opens the circuit breaker", async () => {
  script = (_request, response) => fail(response, 401, { code: "invalid_api_key", message: "secret" });
  for (let times = 0; times < 3; times++) {
    await expect(open(["m"])).rejects.toMatchObject({ code: "model_unavailable" });
  }
  expect(requestedModels).toHaveLength(1);
  expect(alerts).toHaveLength(1);
});

test("a missing first token times out and closes the connection", async () => {
  script = (_request, response) => play(response, chunk(""));
  // Long enough for a busy machine to connect, so that only the token is missing.
  const opening = open(["m"], { timeouts: { ...timeouts, silenceMs: 1_000 } });
  await expect(opening).rejects.toMatchObject({ code: "model_timeout" });
  await expect.poll(() => closed).toBe(1);
});

test("a missing response times out", async () => {
  script = () => {};
  await expect(open(["m"], { timeouts: { ...timeouts, silenceMs: 100 } })).rejects.toMatchObject({
    code: "model_timeout",
  });
});

test("a stalled upstream times out, and a slow reader does not", async () => {
  script = (_request, response) => play(response, chunk("a"));
  const stalled = await open(["m"], { timeouts: { ...timeouts, betweenTokensMs: 100 } });
  expect((await stalled.read())?.text).toBe("a");
  await expect(stalled.read()).rejects.toMatchObject({ code: "model_timeout" });

  let answering: ServerResponse | undefined;
  script = (_request, response) => {
    answering = response;
    play(response, chunk("hel"));
  };
  const slow = await open(["m"], { timeouts: { ...timeouts, betweenTokensMs: 100 } });
  const first = await slow.read();
  // Longer than the timeout, but no read is pending.
  await new Promise((resolve) => setTimeout(resolve, 250));
  const rest = readAll(slow);
  answering?.end(`${chunk("lo", "stop")}data: [DONE]\n\n`);
  expect((first?.text ?? "") + (await rest)).toBe("hello");
});

test.each<[string, Script]>([
  [
    "cut in the middle",
    (_request, response) => {
      play(response, chunk("a"));
      setImmediate(() => response.destroy());
    },
  ],
  [
    "ended without a final chunk",
    (_request, response) => {
      play(response, chunk("a"));
      response.end();
    },
  ],
  ["malformed", (_request, response) => play(response, chunk("a"), "data: {oops\n\n")],
])("an answer that is %s fails with model_failed", async (_name, given) => {
  script = given;
  await expect(open(["m"]).then(readAll)).rejects.toMatchObject({ code: "model_failed" });
});

test("aborting the signal ends the call immediately with the signal's reason", async () => {
  script = (_request, response) => play(response, chunk("a"));
  const controller = new AbortController();
  const stream = await open(["m"], { signal: controller.signal });
  await stream.read();
  const reason = new Error("stopped");
  controller.abort(reason);
  await expect(stream.read()).rejects.toBe(reason);
  await expect.poll(() => closed).toBe(1);
});

test("a rejected request returns the upstream's message", async () => {
  script = (_request, response) => fail(response, 400, { message: "temperature is too high" });
  await expect(open(["m"])).rejects.toMatchObject({
    code: "bad_request",
    message: "temperature is too high",
  });
  script = (_request, response) =>
    fail(response, 400, { code: "context_length_exceeded", message: "too long" });
  await expect(open(["m"])).rejects.toMatchObject({ code: "context_too_long" });
});

test("completeChat returns the whole response and its usage", async () => {
  const message = { role: "assistant", content: "hi" };
  const answer = { choices: [{ index: 0, message }], usage: { prompt_tokens: 3, completion_tokens: 2 } };
  script = (_request, response) => response.end(JSON.stringify(answer));
  const signal = new AbortController().signal;
  const whole = await completeChat({ targets: [target("m")], body: {}, signal, timeouts });
  expect(whole.json).toEqual(answer);
  expect(whole.usage).toMatchObject({ promptTokens: 3, completionTokens: 2 });
});

test("the backoff doubles up to eight seconds, with jitter", () => {
  expect([1, 2, 3, 9].map((tries) => backoffMs(tries, () => 1))).toEqual([500, 1_000, 2_000, 8_000]);
  expect(backoffMs(2, () => 0)).toBe(500);
});
