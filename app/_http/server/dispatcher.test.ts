import { createServer, request as httpRequest, type IncomingMessage, type Server } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { createDispatcher } from "#app/_http/server/dispatcher.ts";
import { encodedSseStream, sseStream } from "#app/_http/sse.ts";

const running: Server[] = [];

beforeAll(() => {
  vi.stubEnv("APP_ENV", "test");
  vi.stubEnv("APP_URL", "http://localhost:3000");
});
afterEach(async () => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

type Handler = ReturnType<typeof route>;

/** Serves one POST route; the fallback responds with 599. */
async function serve(path: string, handler: Pick<Handler, "respond">): Promise<number> {
  const table = { [path]: { POST: { handler } } };
  const dispatch = createDispatcher(
    table,
    async (_request, response) => void response.writeHead(599).end("Next"),
  );
  const server = createServer((request, response) => void dispatch(request, response));
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  return address.port;
}

function post(
  port: number,
  path: string,
  body?: BodyInit,
  headers: Record<string, string> = {},
): Promise<Response> {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    duplex: "half",
  };
  return fetch(`http://127.0.0.1:${port}${path}`, { ...init, ...(body !== undefined && { body }) });
}

const echo = route({ auth: "none", body: z.object({ count: z.int() }) }, ({ body: { count } }) => ({
  count,
}));

describe("the dispatcher", () => {
  test("a route has the same status, body and headers as through Next.js", async () => {
    const port = await serve("/api/things", echo);
    for (const body of ['{"count":3}', '{"count":"three"}', "{"]) {
      const headers = { "content-type": "application/json", "x-request-id": "request-1" };
      const next = await echo(new Request("http://localhost/api/things", { method: "POST", body, headers }));
      const own = await post(port, "/api/things", body, headers);
      expect(own.status).toBe(next.status);
      expect(await own.text()).toBe(await next.text());
      for (const [name, value] of next.headers) expect(own.headers.get(name), name).toBe(value);
    }
  });

  test("a complete body is sent with its Content-Length", async () => {
    const port = await serve("/api/things", echo);
    const response = await post(port, "/api/things", '{"count":1}');
    expect(response.headers.get("content-length")).toBe(String('{"count":1}'.length));
    expect(response.headers.get("transfer-encoding")).toBeNull();
  });

  test("API responses carry the security headers", async () => {
    const port = await serve("/api/things", echo);
    const response = await post(port, "/api/things", '{"count":1}');
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("x-frame-options")).toBe("DENY");
  });

  test("path parameters and query are decoded", async () => {
    const options = {
      auth: "none",
      params: z.object({ id: z.string() }),
      query: z.object({ after: z.string() }),
    } as const;
    const port = await serve(
      "/api/[id]/parts",
      route(options, ({ params, query }) => ({ ...params, ...query })),
    );
    const response = await post(port, "/api/a%2Fb/parts?after=x%20y");
    expect(await response.json()).toEqual({ id: "a/b", after: "x y" });
  });

  test("a body over the limit is a 413, with and without Content-Length", async () => {
    const port = await serve("/api/things", echo);
    const withLength = await post(port, "/api/things", JSON.stringify({ pad: "x".repeat(1_100_000) }));
    expect(withLength.status).toBe(413);
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536));
        if (sent > 64 * 1024 * 1024) controller.close();
      },
    });
    // The client sees the 413 or a closed connection; in both cases the server stops reading early.
    const withoutLength = await post(port, "/api/things", endless).catch(() => null);
    if (withoutLength !== null) expect(withoutLength.status).toBe(413);
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });
});

describe("streaming through the dispatcher", () => {
  test("an event stream is sent completely, with heartbeats", async () => {
    async function* events() {
      yield { id: 1, event: "a" };
      yield "heartbeat" as const;
      yield { id: 2, event: "b" };
    }
    const handler = route({ auth: "none" }, ({ request }) => sseStream(async () => events(), request));
    const response = await post(await serve("/api/stream", handler), "/api/stream");
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-cache, no-transform");
    expect(await response.text()).toBe(
      'retry: 1000\n\nid: 1\ndata: "a"\n\n: still here\n\nid: 2\ndata: "b"\n\n',
    );
  });

  test("a stalled client pauses the source, and disconnecting ends it", async () => {
    const chunk = new Uint8Array(65_536);
    let pulled = 0;
    const ended = Promise.withResolvers<boolean>();
    async function* endless(signal: AbortSignal) {
      try {
        for (;;) {
          pulled += 1;
          yield chunk;
        }
      } finally {
        ended.resolve(signal.aborted);
      }
    }
    const handler = route({ auth: "none" }, ({ request }) =>
      encodedSseStream(async (signal) => endless(signal), request),
    );
    const port = await serve("/api/stream", handler);
    const socket = connect(port, "127.0.0.1");
    socket.pause();
    socket.write("POST /api/stream HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
    const stalledAt = await waitUntilStable(() => pulled);
    expect(stalledAt * chunk.length).toBeLessThan(32 * 1024 * 1024);
    socket.destroy();
    expect(await ended.promise).toBe(true);
    expect(pulled).toBeLessThanOrEqual(stalledAt + 1);
  });

  test("disconnecting before the first event aborts the source", async () => {
    const aborted = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    async function* silent(signal: AbortSignal) {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      aborted.resolve();
      yield new Uint8Array();
    }
    const handler = route({ auth: "none" }, ({ request }) =>
      encodedSseStream(async (signal) => {
        opened.resolve();
        return silent(signal);
      }, request),
    );
    const port = await serve("/api/stream", handler);
    const client = httpRequest({ port, host: "127.0.0.1", path: "/api/stream", method: "POST" }).end();
    client.on("error", () => {});
    await opened.promise;
    client.destroy();
    await aborted.promise;
  });

  test("a source that fails aborts the response, so the client sees an incomplete body", async () => {
    async function* broken() {
      yield new Uint8Array(1);
      throw new Error("broken");
    }
    const handler = route({ auth: "none" }, ({ request }) => encodedSseStream(async () => broken(), request));
    const port = await serve("/api/stream", handler);
    const response = await new Promise<IncomingMessage>((resolve) => {
      httpRequest({ port, host: "127.0.0.1", path: "/api/stream", method: "POST" }, resolve).end();
    });
    response.resume();
    await expect(new Promise((_resolve, reject) => response.on("error", reject))).rejects.toThrow("aborted");
  });
});

/** Returns a counter's value once it has not changed for 150 ms. */
async function waitUntilStable(read: () => number): Promise<number> {
  let last = -1;
  await vi.waitFor(
    () => {
      const current = read();
      const isStable = current === last && current > 0;
      last = current;
      expect(isStable).toBe(true);
    },
    { interval: 150, timeout: 10_000 },
  );
  return last;
}
