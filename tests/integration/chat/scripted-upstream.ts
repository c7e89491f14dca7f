import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import type { CatalogModel } from "#lib/usage/model-catalog.ts";

/** A request body as the upstream received it. */
export type ReceivedBody = Record<string, unknown> & { model: string; messages: Record<string, unknown>[] };
export type Script = (response: ServerResponse, body: ReceivedBody) => void | Promise<void>;

/**
 * Starts an upstream whose answers a test scripts, and makes the models with these entries the whole catalog.
 * Call it before the price list is read.
 */
export async function startScriptedUpstream(entries: Record<string, Partial<CatalogModel>>) {
  const received: ReceivedBody[] = [];
  let script: Script = (response) => void response.writeHead(500).end();
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const body: ReceivedBody = JSON.parse(Buffer.concat(parts).toString());
    received.push(body);
    await script(response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), "parley-models-"));
  const path = join(folder, "models.json");
  const models = Object.entries(entries).map(([id, entry]) => ({
    id,
    label: id,
    upstream: "scripted",
    costUsdPerMillion: { input: 1, output: 10 },
    contextWindow: 128_000,
    maxOutputTokens: 16_384,
    ...entry,
  }));
  const upstream = {
    name: "scripted",
    baseUrl: `http://127.0.0.1:${port}/v1`,
    apiKeyEnv: "SCRIPTED_API_KEY",
  };
  writeFileSync(path, JSON.stringify({ upstreams: [upstream], models, markup: 1 }));
  vi.stubEnv("MODELS_FILE", path);
  vi.stubEnv("SCRIPTED_API_KEY", "sk-test");
  return {
    /** The bodies of all requests, oldest first. */
    received,
    /** Sets how the next requests are answered. */
    answer(next: Script) {
      script = next;
      received.length = 0;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

export type ScriptedUpstream = Awaited<ReturnType<typeof startScriptedUpstream>>;

const head = {
  id: "chatcmpl-7",
  object: "chat.completion.chunk",
  created: 1_790_000_000,
  model: "upstream-model",
};

/** An event with a chunk. */
export function chunk(delta: object, finish: string | null = null, more: object = {}): string {
  return event({ choices: [{ index: 0, delta, finish_reason: finish }], ...more });
}

/** An event with usage only. */
export function usageChunk(promptTokens: unknown, completionTokens: unknown): string {
  return event({ choices: [], usage: { prompt_tokens: promptTokens, completion_tokens: completionTokens } });
}

export const done = "data: [DONE]\n\n";

function event(fields: object): string {
  return `data: ${JSON.stringify({ ...head, ...fields })}\n\n`;
}

/** Answers with events. */
export function streamOf(...events: string[]): Script {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(events.join(""));
  };
}

/** Answers with a whole completion. */
export function wholeOf(message: object, finish: string | null = "stop", more: object = {}): Script {
  return jsonOf({
    ...head,
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: finish }],
    ...more,
  });
}

/** Answers with JSON and the status 200. */
export function jsonOf(body: unknown): Script {
  return (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
}
