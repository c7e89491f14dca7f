import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ChatStream } from "#lib/gateways/openai/chat-stream.ts";
import type { Delta } from "#lib/gateways/openai/chunk-reader.ts";
import { openChatStream } from "#lib/gateways/openai/completions.ts";
import type { Forwarding } from "#lib/gateways/openai/forwarder.ts";
import { forgetOutages } from "#lib/gateways/openai/health/target-health.ts";
import { openAiCapabilities } from "#lib/gateways/openai/request-body.ts";
import { upstreamAnswers } from "#tests/fixtures/upstreams/all.ts";
import type { UpstreamAnswer } from "#tests/fixtures/upstreams/answer.ts";

// Each answer is sent over HTTP twice: at once, and with each byte in a chunk of its own.

let send: (response: ServerResponse) => Promise<void>;
let requests = 0;
const server = createServer((request, response) => {
  requests += 1;
  request.resume();
  request.on("end", () => void send(response).catch(() => {}));
});
let baseUrl = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an AddressInfo.
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  requests = 0;
  forgetOutages();
});

function sender({ body, contentType, staysOpen }: UpstreamAnswer, isSplit: boolean) {
  return async (response: ServerResponse) => {
    const bytes = Buffer.from(body);
    response.writeHead(200, { "content-type": contentType ?? "text/event-stream" });
    response.flushHeaders();
    for (let at = 0; isSplit && at < bytes.length && !response.destroyed; at++) {
      response.write(bytes.subarray(at, at + 1));
      await turn();
    }
    if (!isSplit) response.write(bytes);
    if (staysOpen !== true) response.end();
  };
}

const timeouts = { silenceMs: 10_000, betweenTokensMs: 10_000, afterFinishMs: 10_000, totalMs: 20_000 };

function timeoutsOf({ reads, staysOpen }: UpstreamAnswer) {
  return {
    ...timeouts,
    ...(reads.isRetried === true && { silenceMs: 600 }),
    ...(staysOpen === true && { afterFinishMs: 500 }),
  };
}

function open(answer: UpstreamAnswer, forwarding?: Forwarding): Promise<ChatStream> {
  const upstream = { name: `test-${baseUrl}`, baseUrl, apiKey: "sk-test" };
  const accepts = { ...openAiCapabilities, ...answer.entry };
  return openChatStream({
    targets: [{ upstream, model: "upstream-model", modelId: "m", accepts }],
    body: { messages: [] },
    signal: new AbortController().signal,
    timeouts: timeoutsOf(answer),
    separateThinking: forwarding === undefined,
    ...(forwarding !== undefined && { forwarding }),
  });
}

async function readAll(stream: ChatStream) {
  const seen = {
    text: "",
    reasoning: "",
    otherText: "",
    finishReason: null as string | null,
    code: null as string | null,
  };
  let usage: Delta["usage"] = null;
  const bytes: Buffer[] = [];
  try {
    for (let delta = await stream.read(); delta !== null; delta = await stream.read()) {
      seen.text += delta.text;
      seen.reasoning += delta.reasoning;
      seen.otherText += delta.otherText;
      seen.finishReason = delta.finishReason ?? seen.finishReason;
      usage = delta.usage ?? usage;
      if (delta.bytes !== null) bytes.push(delta.bytes);
    }
  } catch (error) {
    seen.code = String((error as { code: unknown }).code); // An AppError.
  }
  return { ...seen, usage, forwarded: Buffer.concat(bytes).toString() };
}

test.each(upstreamAnswers.map((answer) => [answer.name, answer] as const))("%s", async (_name, answer) => {
  const { isRetried, breaksOff, usage, ...expected } = answer.reads;
  for (const isSplit of [false, true]) {
    send = sender(answer, isSplit);
    if (isRetried === true) {
      requests = 0;
      await expect(open(answer)).rejects.toMatchObject({ name: "AppError" });
      expect(requests).toBeGreaterThan(1);
      continue;
    }
    const seen = await readAll(await open(answer));
    expect(seen).toMatchObject({ reasoning: "", otherText: "", ...expected });
    expect(seen.code).toBe(breaksOff === true ? "model_failed" : null);
    if (usage !== undefined) expect(seen.usage).toMatchObject(usage);
    // A client of the API gets chunks in OpenAI's form under the requested name.
    const { forwarded } = await readAll(await open(answer, { model: "alias", usage: true }));
    expect(joinChunks(forwarded)).toEqual({
      text:
        answer.entry?.startsThinking || /<th/.test(answer.body) ? expect.any(String) : (expected.text ?? ""),
      tools: expected.otherText ?? "",
    });
  }
});

test("docs/upstreams.md has a row for each answer, and no other rows", () => {
  const document = readFileSync("docs/upstreams.md", "utf8").split("## Requests")[0] ?? "";
  const rows = [...document.matchAll(/^\| (.+?: .+?) \| /gm)].map((match) => match[1]);
  expect(rows).toEqual(upstreamAnswers.map(({ name }) => name));
});

/** Joins forwarded chunks as OpenAI's SDKs do, which need text, choices and the indexes of tools. */
function joinChunks(forwarded: string): { text: string; tools: string } {
  let text = "";
  const tools: string[] = [];
  for (const event of forwarded.split(/\r?\n\r?\n/)) {
    const data = event.split(/\r?\n/).filter((line) => line.startsWith("data:"));
    if (data.length === 0) continue;
    const chunk = JSON.parse(data.map((line) => line.slice(5)).join("\n"));
    expect(chunk).toMatchObject({
      object: "chat.completion.chunk",
      model: "alias",
      choices: expect.any(Array),
    });
    if (chunk.choices.length === 0) expect(chunk.usage).toBeInstanceOf(Object);
    for (const { delta, finish_reason: reason } of chunk.choices) {
      expect(["stop", "length", "content_filter", "tool_calls", null, undefined]).toContain(reason);
      const content = delta?.content ?? "";
      expect(typeof content).toBe("string");
      text += content + (delta?.refusal ?? "");
      for (const call of delta?.tool_calls ?? [])
        tools[call.index] = (tools[call.index] ?? "") + call.function.name + call.function.arguments;
    }
  }
  return { text, tools: tools.join("") };
}
