import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { ClockAdvancer } from "#sandbox/stripe/clocks/clock-advancer.ts";
import { ClockStream } from "#sandbox/stripe/clocks/clock-stream.ts";
import { handleControlCall, type Sandbox } from "#sandbox/stripe/control/control-api.ts";
import { announceEntitlements } from "#sandbox/stripe/entitlements/active-entitlements.ts";
import { handlePage } from "#sandbox/stripe/pages/pages.ts";
import { handleApiRequest, injectedFailure } from "#sandbox/stripe/protocol/api.ts";
import { World } from "#sandbox/stripe/state/world.ts";
import { Deliverer } from "#sandbox/stripe/webhooks/deliverer.ts";

export type SandboxOptions = {
  /** 0 picks a free port. */
  port: number;
  /** Directory of the persisted state; without it, the state lives in memory only. */
  dataDir?: string;
  /** The wall clock in Unix seconds, before the sandbox's offset. Tests that compare times freeze it. */
  wallSeconds?: () => number;
};
export type RunningSandbox = { url: string; stop(): Promise<void> };

const maxBodyBytes = 1_000_000;
const tickMs = 1_000;

/** Starts the Stripe sandbox on the loopback interface. Rejects when the port is in use. */
export async function startStripeSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const world = new World(options.dataDir, options.wallSeconds);
  world.onEvent = (type, object) => announceEntitlements(world, type, object);
  const deliverer = new Deliverer(world);
  const clockAdvancer = new ClockAdvancer(world);
  const clockStream = new ClockStream(world);
  world.onCommit = () => {
    clockStream.broadcastIfChanged();
    deliverer.poke();
  };
  const sandbox: Sandbox = { world, deliverer, clockAdvancer };
  const server = createServer((request, response) => {
    if (request.method === "GET" && request.url === "/_control/clock/stream")
      return clockStream.subscribe(response);
    handleRequest(sandbox, request, response).catch((error: unknown) => {
      world.rollBack();
      sendInternalError(response, error);
    });
  });
  const port = await listen(server, options.port);
  world.baseUrl = `http://127.0.0.1:${port}`;
  // Real time also triggers due work: an open session expires although no test advances the clock.
  const tick = setInterval(() => clockAdvancer.catchUp(), tickMs);
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

async function handleRequest(
  sandbox: Sandbox,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://sandbox");
  const body = await readBody(request);
  if (url.pathname.startsWith("/v1/") || url.pathname.startsWith("/v2/")) {
    handleApiCall(sandbox, request, response, url, body);
    return;
  }
  // Pages and the control API change state without a key, so requests from other sites are rejected.
  if (request.method !== "GET" && request.headers["sec-fetch-site"] === "cross-site") {
    send(response, 403, { "content-type": "text/plain" }, "Cross-site requests are not allowed.");
    return;
  }
  const method = request.method ?? "GET";
  if (url.pathname.startsWith("/_control/")) {
    const params = parseJsonObject(body);
    const { status, body: reply } = params
      ? await handleControlCall(sandbox, method, url.pathname, params)
      : { status: 400, body: { error: "The body is not a JSON object." } };
    send(response, status, { "content-type": "application/json" }, JSON.stringify(reply));
    return;
  }
  const page = await handlePage(sandbox, {
    method,
    path: url.pathname,
    query: url.searchParams,
    form: new URLSearchParams(body),
    isFramed: request.headers["sec-fetch-dest"] === "iframe",
  });
  sandbox.world.commit();
  send(response, page.status, page.headers, page.body);
}

function handleApiCall(
  { world }: Sandbox,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  body: string,
): void {
  const failure = takeInjectedFailure(world);
  if (failure === 429 || failure === 500) {
    const injected = injectedFailure(failure);
    send(
      response,
      injected.status,
      { "content-type": "application/json", ...injected.headers },
      injected.body,
    );
    return;
  }
  const key = request.headers["idempotency-key"];
  const version = request.headers["stripe-version"];
  const account = request.headers["stripe-account"] ?? request.headers["stripe-context"];
  const {
    status,
    headers,
    body: reply,
  } = handleApiRequest(world, {
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.search.slice(1),
    body,
    authorization: request.headers.authorization,
    idempotencyKey: typeof key === "string" ? key : undefined,
    version: typeof version === "string" ? version : undefined,
    account: typeof account === "string" ? account : undefined,
  });
  // The call took effect, but the client sees a lost connection.
  if (failure === "timeout_after_effect") {
    response.destroy();
    return;
  }
  send(response, status, { "content-type": "application/json", ...headers }, reply);
}

function takeInjectedFailure(world: World): World["chaos"]["failNextApi"] {
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
    if (size > maxBodyBytes) throw new Error("the request body is larger than 1 MB");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJsonObject(body: string): Record<string, unknown> | null {
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

function sendInternalError(response: ServerResponse, error: unknown): void {
  console.error("stripe sandbox: internal error", error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  send(response, 500, { "content-type": "text/plain" }, "The sandbox failed. See its log for the error.");
}
