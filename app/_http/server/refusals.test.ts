import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { route } from "#app/_http/route.ts";
import {
  type ConnectionLimits,
  createHttpServer,
  defaultConnectionLimits,
} from "#app/_http/server/create-http-server.ts";
import { createDispatcher, type RequestListener } from "#app/_http/server/dispatcher.ts";
import { markActionReached } from "#app/_http/server/page-request.ts";

const running: Server[] = [];

beforeAll(() => {
  vi.stubEnv("APP_ENV", "test");
  vi.stubEnv("APP_URL", "http://localhost:3000");
  vi.stubEnv("AUTH_SECRET", "a-secret-of-at-least-thirty-two-characters");
  vi.stubEnv("DATABASE_URL", "postgres://nowhere.invalid/none");
  vi.stubEnv("OPENAI_API_KEY", "sk-sandbox");
  vi.stubEnv("STRIPE_SECRET_KEY", "sk_test_x");
  vi.stubEnv("STRIPE_WEBHOOK_SECRET", "whsec_x");
  vi.stubEnv("SMTP_URL", "smtp://localhost:1");
});
afterEach(async () => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const echo = route({ auth: "none", body: z.object({ count: z.int() }) }, ({ body: { count } }) => ({
  count,
}));
const read = route({ auth: "none" }, () => ({ ok: true }));
const table = {
  "/api/v1/things": { POST: { handler: echo }, GET: { handler: read } },
  "/api/things/[id]": { GET: { handler: read } },
};
const page: RequestListener = async (_request, response) =>
  void response.writeHead(200, { "content-type": "text/html" }).end("<p>page</p>");

async function serve(next: RequestListener = page, limits: Partial<ConnectionLimits> = {}): Promise<number> {
  const dispatch = createDispatcher(table, next);
  const server = createHttpServer(
    (request: IncomingMessage, response: ServerResponse) => void dispatch(request, response),
    {
      ...defaultConnectionLimits,
      ...limits,
    },
  );
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  return address.port;
}

/** Sends bytes and returns everything that the server sends until it closes the connection. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let received = "";
    socket.on("data", (data) => {
      received += data.toString("latin1");
    });
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });
}

const send = (port: number, method: string, path: string, headers: string[] = [], body = "") =>
  exchange(
    port,
    [
      `${method} ${path} HTTP/1.1`,
      "Host: localhost",
      "Connection: close",
      ...headers,
      ...(body === "" ? [] : [`Content-Length: ${body.length}`]),
      "",
      body,
    ].join("\r\n"),
  );
const statusOf = (response: string) => Number(response.split(" ")[1]);
const bodyOf = (response: string) => JSON.parse(response.slice(response.indexOf("\r\n\r\n") + 4) || "null");

describe("a path below /api or /v1 that no route has", () => {
  test.each(["/api/v1/nothing", "/v1/chat/completions", "/v1", "/api/v1/things/"])(
    "D11: %s is a 404 in OpenAI's format with the request id",
    async (path) => {
      const response = await send(await serve(), "POST", path, ["X-Request-Id: request-1"]);
      expect(statusOf(response)).toBe(404);
      expect(response).toMatch(/\r\nx-request-id: request-1\r\n/i);
      expect(bodyOf(response).error).toMatchObject({
        ...{ type: "invalid_request_error", code: "not_found", param: null, request_id: "request-1" },
      });
    },
  );

  test("D11: outside of /api/v1 it is a 404 in our own format", async () => {
    const response = await send(await serve(), "GET", "/api/nothing");
    expect(statusOf(response)).toBe(404);
    expect(bodyOf(response).error).toMatchObject({ code: "not_found", requestId: expect.any(String) });
  });

  test.each([
    ["DELETE", "/api/v1/things", "POST, GET, HEAD, OPTIONS"],
    ["TRACE", "/api/v1/things", "POST, GET, HEAD, OPTIONS"],
    ["POST", "/api/things/1", "GET, HEAD, OPTIONS"],
  ])("D11, S13: %s %s is a 405 with Allow", async (method, path, allow) => {
    const response = await send(await serve(), method, path);
    expect(statusOf(response)).toBe(405);
    expect(response.toLowerCase()).toContain(`\r\nallow: ${allow.toLowerCase()}\r\n`);
    expect(bodyOf(response).error.code).toBe("method_not_allowed");
  });

  test("D11: HEAD is answered by a GET route, OPTIONS with the methods", async () => {
    const port = await serve();
    expect(statusOf(await send(port, "HEAD", "/api/v1/things"))).toBe(200);
    const options = await send(port, "OPTIONS", "/api/v1/things");
    expect(statusOf(options)).toBe(204);
    expect(options.toLowerCase()).toContain("allow: post, get, head, options");
  });
});

describe("a request to a page that the client got wrong", () => {
  test.each(["/%", "/chat/%ff", "/chat/%ed%a0%80", "/%00", "/pricing?next=%00", "/api/things/%E0%A4%A"])(
    "S13: the malformed URL %s is a 400",
    async (path) => {
      expect(statusOf(await send(await serve(), "GET", path))).toBe(400);
    },
  );

  test.each(["TRACE", "PUT", "DELETE", "PROPFIND", "OPTIONS"])(
    "S13: %s is a 405 with Allow",
    async (method) => {
      const response = await send(await serve(), method, "/pricing");
      expect(statusOf(response)).toBe(405);
      expect(response.toLowerCase()).toContain("\r\nallow: get, head, post\r\n");
    },
  );

  const action = "Next-Action: 404040404040404040404040404040404040404040";

  test("S13: an action from another origin is a 403", async () => {
    for (const headers of [["Origin: https://evil.example"], ["Sec-Fetch-Site: cross-site"]])
      expect(statusOf(await send(await serve(), "POST", "/sign-in", [action, ...headers], "[]"))).toBe(403);
  });

  test("S13: a multipart form without a boundary is a 400", async () => {
    const type = "Content-Type: multipart/form-data";
    expect(statusOf(await send(await serve(), "POST", "/sign-in", [type], "x"))).toBe(400);
  });

  const fails: RequestListener = async (_request, response) => {
    response.statusCode = 500;
    response.end("Internal Server Error");
  };
  const failsLate: RequestListener = async (_request, response) => {
    response.writeHead(500, { "content-type": "text/html" });
    response.write("<p>");
    response.end("</p>");
  };

  test.each([
    ["at once", fails],
    ["in pieces", failsLate],
  ])(
    "S13: an action whose arguments cannot be decoded is a 400, if Next.js fails %s",
    async (_name, next) => {
      const response = await send(await serve(next), "POST", "/sign-in", [action], '["$F1"]');
      expect(statusOf(response)).toBe(400);
      expect(bodyOf(response).error.code).toBe("bad_request");
    },
  );

  test("a failure of a page, or after an action has started, stays a 500", async () => {
    const failsInAction: RequestListener = async (request, response) => {
      markActionReached();
      await fails(request, response);
    };
    expect(statusOf(await send(await serve(fails), "GET", "/pricing"))).toBe(500);
    expect(statusOf(await send(await serve(failsInAction), "POST", "/sign-in", [action], "[]"))).toBe(500);
  });
});

describe("the headers of every response", () => {
  test("S3: HTML that has no policy gets one that allows nothing", async () => {
    const setsHeader: RequestListener = async (_request, response) => {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end("<p>404</p>");
    };
    for (const next of [page, setsHeader]) {
      const response = await send(await serve(next), "GET", "/_next/nothing");
      expect(response.toLowerCase()).toContain("\r\ncontent-security-policy: default-src 'none';");
    }
  });

  test("S3: the policy of a page is kept", async () => {
    const own: RequestListener = async (_request, response) => {
      response.setHeader("content-security-policy", "default-src 'self'");
      response.setHeader("content-type", "text/html");
      response.end("<p>");
    };
    const response = await send(await serve(own), "GET", "/pricing");
    expect(response.toLowerCase()).toContain("content-security-policy: default-src 'self'\r\n");
    expect(response).not.toContain("'none'");
  });

  test("S14: HSTS includes subdomains, and other sites cannot embed", async () => {
    for (const path of ["/api/v1/things", "/pricing", "/api/nothing"]) {
      const response = (await send(await serve(), "GET", path)).toLowerCase();
      expect(response).toContain("strict-transport-security: max-age=31536000; includesubdomains\r\n");
      expect(response).toContain("cross-origin-resource-policy: same-origin\r\n");
    }
  });
});

describe("connections", () => {
  test("S12: the defaults are 15 s for headers, 30 s for a request, and a bound on connections", async () => {
    const port = await serve();
    const [server] = running;
    expect(port).toBeGreaterThan(0);
    expect(server?.headersTimeout).toBe(15_000);
    expect(server?.requestTimeout).toBe(30_000);
    expect(server?.maxConnections).toBe(5_000);
  });

  test("S12: a body that never comes ends with a 408", async () => {
    const port = await serve(page, { headersTimeoutMs: 100, requestTimeoutMs: 150, checkIntervalMs: 20 });
    const head =
      "POST /api/v1/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n";
    expect(statusOf(await exchange(port, `${head}\r\n{`))).toBe(408);
    expect(statusOf(await exchange(port, head))).toBe(408);
  });

  test("S12: connections above the limit are closed", async () => {
    const port = await serve(page, { maxConnections: 2 });
    const open = [1, 2].map(() => connect(port, "127.0.0.1"));
    await Promise.all(open.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
    expect(await exchange(port, "GET /pricing HTTP/1.1\r\nHost: x\r\n\r\n").catch(() => "")).toBe("");
    for (const socket of open) socket.destroy();
  });
});
