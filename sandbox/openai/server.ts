import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createChat } from "./chat.ts";
import { isObject } from "./chat-request.ts";
import { embed } from "./embeddings.ts";
import { describeModel, models } from "./models.ts";
import { moderate } from "./moderations.ts";
import { badRequest, OpenAiFailure, unknownModel, wrongKey } from "./openai-failure.ts";
import { type Pace, realisticPace } from "./pace.ts";
import { closeEntry, createRequestLog, type LoggedRequest } from "./request-log.ts";

type SandboxOptions = Partial<Pace> & {
  /** 0 lets the system choose. */
  port: number;
};

/**
 * Starts the OpenAI API on loopback with prepared answers that are counted and paced like a model's.
 * `GET /_control/requests` lists received requests, `POST /_control/reset` clears them.
 */
export async function startOpenAiSandbox({ port, ...pace }: SandboxOptions) {
  const log = createRequestLog();
  const chat = createChat();
  const usual = { ...realisticPace, ...pace };
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/_control/")) control(request, response);
    else void serve(request, response, log.open(request), usual, chat);
  });

  function control(request: IncomingMessage, response: ServerResponse): void {
    const called = `${request.method} ${request.url}`;
    if (called === "POST /_control/reset") {
      log.clear();
      chat.reset();
    }
    const known = called === "POST /_control/reset" || called === "GET /_control/requests";
    sendJson(response, known ? 200 : 404, known ? { requests: log.list() } : { error: "no such control" });
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address() as AddressInfo; // it listens on a port, so it is no pipe's name
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Chat = ReturnType<typeof createChat>;

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  entry: LoggedRequest,
  pace: Pace,
  chat: Chat,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => {
    if (!response.writableFinished) closeEntry(entry, "aborted");
    entry.status ??= response.headersSent ? response.statusCode : null;
    gone.abort();
  });
  response.setHeader("x-request-id", entry.id);
  response.setHeader("openai-version", "2020-10-01");
  try {
    checkKey(request);
    const body = request.method === "POST" ? await readJson(request) : null;
    entry.body = body;
    entry.model = isObject(body) && typeof body.model === "string" ? body.model : null;
    entry.stream = isObject(body) && body.stream === true;
    const path = new URL(request.url ?? "/", "http://sandbox").pathname;
    const called = `${request.method} ${path}`;
    if (called === "POST /v1/chat/completions") {
      await chat.answer(body, { headers: request.headers, response, entry, signal: gone.signal, pace });
      return;
    }
    const isModeration = called === "POST /v1/moderations";
    sendJson(
      response,
      200,
      isModeration ? await moderate(body, gone.signal) : answerSimple(called, body, entry),
    );
    closeEntry(entry, "completed");
  } catch (error) {
    refuse(error, response, entry, gone.signal);
  }
}

/** Endpoints without streaming. */
function answerSimple(called: string, body: unknown, entry: LoggedRequest): object {
  if (called === "GET /v1/models") return { object: "list", data: [...models.values()].map(describeModel) };
  if (called === "POST /v1/embeddings") {
    const { promptTokens, json } = embed(body);
    entry.promptTokens = promptTokens;
    return json;
  }
  const id = /^GET \/v1\/models\/([^/]+)$/.exec(called)?.[1];
  if (id === undefined) throw new OpenAiFailure(404, "invalid_request_error", `Invalid URL (${called})`);
  const model = models.get(decodeURIComponent(id));
  if (model === undefined) throw unknownModel(id);
  return describeModel(model);
}

function refuse(error: unknown, response: ServerResponse, entry: LoggedRequest, gone: AbortSignal): void {
  if (gone.aborted) return;
  const known = error instanceof OpenAiFailure;
  // A defect of the sandbox itself: print it.
  if (!known)
    process.stderr.write(`openai sandbox: ${error instanceof Error ? error.stack : String(error)}\n`);
  const failure = known
    ? error
    : new OpenAiFailure(500, "sandbox_error", "The sandbox itself is broken; its output says how.");
  entry.error = failure.code ?? failure.type;
  closeEntry(entry, known ? "refused" : "failed");
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const [name, value] of Object.entries(failure.headers)) response.setHeader(name, value);
  sendJson(response, failure.status, failure.toJson());
}

function checkKey(request: IncomingMessage): void {
  const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? null;
  if (key === null || !key.startsWith("sk-sandbox-")) throw wrongKey(key);
}

const largestBodyBytes = 32 * 1024 * 1024;

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > largestBodyBytes)
      throw new OpenAiFailure(413, "invalid_request_error", "The request is too large.");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw badRequest("We could not parse the JSON body of your request.");
  }
}

function sendJson(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(json));
}
