import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort } from "node:worker_threads";

// Client and model of the event loop's tests, in a thread of their own: the measured one only has the app.

/** A request to the app, and what the model answers meanwhile. */
export type OutsideTask = {
  url: string;
  init: { method: string; headers: Record<string, string>; body?: string };
  healthUrl: string;
};
export type OutsideResult = { status: number; healthStatuses: number[]; bytes: number };

const vector = Array.from({ length: 1_536 }, (_, index) => Math.sin(index)).join(",");

/** Returns embeddings of as many texts as the request has, as OpenAI's large models answer them. */
function embeddingsFor(count: number): string {
  const entries = Array.from(
    { length: count },
    (_, index) => `{"object":"embedding","index":${index},"embedding":[${vector}]}`,
  );
  const usage = `{"prompt_tokens":${count},"total_tokens":${count}}`;
  return `{"object":"list","data":[${entries.join(",")}],"model":"m","usage":${usage}}`;
}

/** Log probabilities of a number of tokens, each with its alternatives. */
function logprobsFor(tokens: number, alternatives: number): string {
  const token = (name: string) => `{"token":"${name}","logprob":-0.12345678,"bytes":[116,111,107]}`;
  const top = Array.from({ length: alternatives }, (_, index) => token(`tok${index}`)).join(",");
  const entry = `{"token":"tok","logprob":-0.1,"bytes":[116,111,107],"top_logprobs":[${top}]}`;
  return `{"content":[${new Array(tokens).fill(entry).join(",")}],"refusal":null}`;
}

/** An answer of 16,000 tokens, about 20 megabytes. */
function wholeAnswer(alternatives: number): string {
  const logprobs = logprobsFor(16_000, alternatives);
  const message = '{"role":"assistant","content":"A short text."}';
  const choice = `{"index":0,"message":${message},"finish_reason":"stop","logprobs":${logprobs}}`;
  const usage = '{"prompt_tokens":8,"completion_tokens":4,"total_tokens":12}';
  return `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[${choice}],"usage":${usage}}`;
}

/** The same in one event, as long as an event may be: 8 megabytes. */
function streamedAnswer(alternatives: number): string {
  const logprobs = logprobsFor(6_000, alternatives);
  const choice = `{"index":0,"delta":{"content":"A short text."},"finish_reason":"stop","logprobs":${logprobs}}`;
  return `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[${choice}]}\n\ndata: [DONE]\n\n`;
}

const model = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const { input, top_logprobs, stream } = JSON.parse(Buffer.concat(parts).toString());
  if (input !== undefined)
    response.writeHead(200, { "content-type": "application/json" }).end(embeddingsFor(input.length));
  else if (stream === true)
    response.writeHead(200, { "content-type": "text/event-stream" }).end(streamedAnswer(top_logprobs ?? 20));
  else response.writeHead(200, { "content-type": "application/json" }).end(wholeAnswer(top_logprobs ?? 20));
});

async function send({ url, init, healthUrl }: OutsideTask): Promise<OutsideResult> {
  let isRunning = true;
  const healthStatuses: number[] = [];
  const watch = async () => {
    while (isRunning) {
      const health = await fetch(healthUrl);
      healthStatuses.push(health.status);
      await health.arrayBuffer();
    }
  };
  const watching = watch();
  const response = await fetch(url, init);
  const bytes = (await response.arrayBuffer()).byteLength;
  isRunning = false;
  await watching;
  return { status: response.status, healthStatuses, bytes };
}

model.listen(0, "127.0.0.1", () => {
  // A server that listens on a port has an AddressInfo.
  parentPort?.postMessage((model.address() as AddressInfo).port);
});
parentPort?.on("message", async (task: OutsideTask) => parentPort?.postMessage(await send(task)));
