import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Clockwork } from "#sandbox/stripe/clocks/advance.ts";
import { ClockWatchers } from "#sandbox/stripe/clocks/clock-watchers.ts";
import { answerControl, type Sandbox } from "#sandbox/stripe/clocks/control.ts";
import { answerPage } from "#sandbox/stripe/pages/pages.ts";
import { answerApi, madeUpFailure } from "#sandbox/stripe/protocol/api.ts";
import { World } from "#sandbox/stripe/state/world.ts";
import { Deliverer } from "#sandbox/stripe/webhooks/deliverer.ts";

export type SandboxOptions = {
  /** 0 takes a free port. */
  port: number;
  /** Where the state is kept; in memory when missing. */
  dataDir?: string;
  /** The present in seconds since 1970, before the clock is turned. A test that compares moments lets it stand still. */
  wallSeconds?: () => number;
};
export type RunningSandbox = { url: string; stop(): Promise<void> };

const largestBody = 1_000_000;
const tickMs = 1_000;

/** Starts the stand-in for Stripe on loopback. Rejects when the port is taken. */
export async function startStripeSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const world = new World(options.dataDir, options.wallSeconds);
  const deliverer = new Deliverer(world);
  const clockwork = new Clockwork(world);
  const watchers = new ClockWatchers(world);
  world.onCommit = () => {
    watchers.tell();
    deliverer.poke();
  };
  const sandbox: Sandbox = { world, deliverer, clockwork };
  const server = createServer((request, response) => {
    if (request.method === "GET" && request.url === "/_control/clock/stream") return watchers.add(response);
    answer(sandbox, request, response).catch((error: unknown) => {
      world.rollBack();
      fail(response, error);
    });
  });
  const port = await listen(server, options.port);
  world.baseUrl = `http://127.0.0.1:${port}`;
  // Time also passes by itself: a session left open expires even when nobody turns the clock.
  const tick = setInterval(() => clockwork.catchUp(), tickMs);
  tick.unref();
  deliverer.poke();
  const stop = async () => {
    clearInterval(tick);
    deliverer.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    world.close();
  };
  return { url: world.baseUrl, stop };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

async function answer(sandbox: Sandbox, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://sandbox");
  const body = await readBody(request);
  if (url.pathname.startsWith("/v1/") || url.pathname.startsWith("/v2/")) {
    answerApiCall(sandbox, request, response, url, body);
    return;
  }
  // Pages and controls are for the person in front of the browser, not for other sites they have open.
  if (request.method !== "GET" && request.headers["sec-fetch-site"] === "cross-site") {
    send(response, 403, { "content-type": "text/plain" }, "Not from another site.");
    return;
  }
  const method = request.method ?? "GET";
  if (url.pathname.startsWith("/_control/")) {
    const wishes = readWishes(body);
    const { status, body: reply } = wishes
      ? await answerControl(sandbox, method, url.pathname, wishes)
      : { status: 400, body: { error: "The body is not a JSON object." } };
    send(response, status, { "content-type": "application/json" }, JSON.stringify(reply));
    return;
  }
  const page = await answerPage(sandbox, {
    method,
    path: url.pathname,
    query: url.searchParams,
    form: new URLSearchParams(body),
    isFramed: request.headers["sec-fetch-dest"] === "iframe",
  });
  sandbox.world.commit();
  send(response, page.status, page.headers, page.body);
}

function answerApiCall(
  { world }: Sandbox,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  body: string,
): void {
  const failure = takeFailure(world);
  if (failure === 429 || failure === 500) {
    const madeUp = madeUpFailure(failure);
    send(response, madeUp.status, { "content-type": "application/json", ...madeUp.headers }, madeUp.body);
    return;
  }
  const key = request.headers["idempotency-key"];
  const version = request.headers["stripe-version"];
  const {
    status,
    headers,
    body: reply,
  } = answerApi(world, {
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.search.slice(1),
    body,
    authorization: request.headers.authorization,
    idempotencyKey: typeof key === "string" ? key : undefined,
    version: typeof version === "string" ? version : undefined,
  });
  // The work is done and nobody hears of it: what a lost connection looks like from outside.
  if (failure === "timeout_after_effect") {
    response.destroy();
    return;
  }
  send(response, status, { "content-type": "application/json", ...headers }, reply);
}

function takeFailure(world: World): World["chaos"]["failNextApi"] {
  const { failNextApi, failNextApiTimes } = world.chaos;
  if (failNextApi === null || failNextApiTimes <= 0) return null;
  const left = failNextApiTimes - 1;
  world.chaos = { ...world.chaos, failNextApiTimes: left, failNextApi: left > 0 ? failNextApi : null };
  return failNextApi;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > largestBody) throw new Error("the request body is larger than 1 MB");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function readWishes(body: string): Record<string, unknown> | null {
  if (body.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : null;
  } catch {
    return null;
  }
}

function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string | Buffer,
): void {
  response.writeHead(status, { "cache-control": "no-store", ...headers });
  response.end(body);
}

function fail(response: ServerResponse, error: unknown): void {
  console.error("stripe sandbox: a fault of its own", error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  send(response, 500, { "content-type": "text/plain" }, "The sandbox failed; its log says why.");
}
