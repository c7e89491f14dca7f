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

const model = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const { input } = JSON.parse(Buffer.concat(parts).toString());
  response.writeHead(200, { "content-type": "application/json" }).end(embeddingsFor(input.length));
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
