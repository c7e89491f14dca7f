import { encode } from "next-auth/jwt";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { route } from "#app/_http/route.ts";
import { sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { env } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";

const claims = {
  userId: "0198b2a0-0000-7000-8000-000000000001",
  sessionId: "0198b2a0-0000-7000-8000-000000000002",
};
const body = z.object({ count: z.int() });
const url = "http://localhost:3000/api/things";

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

function post(content: string | object, headers: Record<string, string> = {}): Request {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return new Request(url, {
    method: "POST",
    body: text,
    headers: { "content-type": "application/json", ...headers },
  });
}

async function cookie(lifetimeSeconds = 60): Promise<string> {
  const salt = sessionCookieName();
  const secret = env().AUTH_SECRET;
  return `${salt}=${await encode({ token: claims, secret, salt, maxAge: lifetimeSeconds })}`;
}

const echo = route({ auth: "none", body }, ({ body: { count } }) => ({ count }));

describe("the response of a route", () => {
  test("a returned value is sent as JSON with the id of the request", async () => {
    const response = await echo(post({ count: 3 }, { "x-request-id": "from-the-proxy-1" }));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ count: 3 });
    expect(response.headers.get("x-request-id")).toBe("from-the-proxy-1");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("a request id that is unsafe to log is replaced", async () => {
    const response = await echo(post({ count: 3 }, { "x-request-id": 'x","level":"fatal' }));
    expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    ["a NUL", '{"count":3,"name":"a\\u0000b"}'],
    ["an unpaired surrogate", '{"count":3,"name":"\\ud83d"}'],
    ["5,000 levels", `{"count":3,"deep":${"[".repeat(5_000)}${"]".repeat(5_000)}}`],
  ])("S13: a body with %s is a 400", async (_name, text) => {
    expect((await echo(post(text))).status).toBe(400);
  });

  test("S13: a date beyond the year 9999 is a 400", async () => {
    const dated = route({ auth: "none", body: z.object({ until: z.coerce.date() }) }, ({ body }) => body);
    for (const until of ["+275760-01-01T00:00:00Z", 8.64e15, -1e14]) {
      const response = await dated(post({ until }));
      expect(response.status).toBe(400);
      expect((await response.json()).error.fields).toMatchObject([{ path: "until" }]);
    }
  });

  test("invalid input is a 400 that names each field", async () => {
    const response = await echo(post({ count: "three" }));
    const { error } = await response.json();
    expect(response.status).toBe(400);
    expect(error).toMatchObject({ code: "invalid_input", fields: [{ path: "count" }] });
    expect(error.requestId).toBe(response.headers.get("x-request-id"));
  });

  test.each([
    ["broken JSON", post("{"), 400, "bad_request"],
    ["another content type", post("{}", { "content-type": "text/plain" }), 415, "unsupported_media_type"],
    ["a body over the limit", post({ pad: "x".repeat(2_000_000) }), 413, "payload_too_large"],
  ])("%s is rejected", async (_name, request, status, code) => {
    const response = await echo(request);
    expect(response.status).toBe(status);
    expect((await response.json()).error.code).toBe(code);
  });

  test("reading a body without Content-Length stops at the limit", async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    });
    const init = { method: "POST", body: endless, duplex: "half" };
    const response = await echo(
      new Request(url, { ...init, headers: { "content-type": "application/json" } }),
    );
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(2_000_000);
  });

  test("malformed path parameters are a 404", async () => {
    const one = route({ auth: "none", params: z.object({ id: z.uuid() }) }, ({ params }) => params);
    const response = await one(new Request(url), { params: Promise.resolve({ id: "1 or 1=1" }) });
    expect(response.status).toBe(404);
  });

  test("an unknown error is a 500 without its message", async () => {
    const broken = route({ auth: "none" }, () => {
      throw new Error("password=hunter2");
    });
    const response = await broken(new Request(url));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("hunter2");
  });

  test("an error response keeps the handler's headers and sets Retry-After", async () => {
    const limited = route({ auth: "none", errors: "openai" }, ({ headers }) => {
      headers.set("x-ratelimit-remaining-requests", "0");
      throw new AppError("too_many_requests", { retryAfterSeconds: 1.2 });
    });
    const response = await limited(new Request(url));
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("2");
    expect(response.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    expect((await response.json()).error).toMatchObject({
      code: "rate_limit_exceeded",
      type: "rate_limit_error",
    });
  });

  test("a redirect, whose headers are immutable, carries the request id", async () => {
    const redirecting = route({ auth: "none" }, () => Response.redirect("http://localhost:3000/chat", 303));
    const response = await redirecting(new Request(url));
    expect(response.status).toBe(303);
    expect(response.headers.get("x-request-id")).toBeTruthy();
  });
});

describe("limits by network", () => {
  const from = (network: string, headers = {}) =>
    new Request(url, { headers: { "x-parley-peer": network, ...headers } });

  test("S17: a hundred failed API keys of one network are limited, other networks are not", async () => {
    const api = route({ auth: "api-key", errors: "openai" }, () => ({}));
    const authorization = "Bearer not-a-key";
    const statuses: number[] = [];
    for (let count = 0; count < 100; count++)
      statuses.push((await api(from("203.0.113.7", { authorization }))).status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(60);
    expect(statuses.at(-1)).toBe(429);
    expect((await api(from("203.0.113.8", { authorization }))).status).toBe(401);
    // Requests that need no key are not affected.
    expect((await route({ auth: "none" }, () => ({}))(from("203.0.113.7"))).status).toBe(200);
  });

  test("S17: a route with a limit refuses a network beyond it, with Retry-After", async () => {
    const limited = route({ auth: "none", networkLimit: { name: "test", perMinute: 3 } }, () => ({}));
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) statuses.push((await limited(from("203.0.113.9"))).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await limited(from("203.0.113.9"));
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await limited(from("203.0.113.10"))).status).toBe(200);
  });
});

describe("an error in OpenAI's format", () => {
  const failing = (error: AppError) =>
    route({ auth: "none", errors: "openai" }, () => {
      throw error;
    })(new Request(url));

  test.each([
    ["context_too_long", 400, "context_length_exceeded", "invalid_request_error"],
    ["insufficient_credit", 429, "insufficient_quota", "insufficient_quota"],
    ["credit_reserved", 429, "rate_limit_exceeded", "rate_limit_error"],
    ["model_not_found", 404, "model_not_found", "invalid_request_error"],
  ] as const)("D13: %s is a %i %s", async (code, status, openAiCode, type) => {
    const response = await failing(new AppError(code, { param: "model" }));
    expect(response.status).toBe(status);
    expect((await response.json()).error).toEqual({
      ...{ message: expect.any(String), type, param: "model", code: openAiCode },
      request_id: response.headers.get("x-request-id"),
    });
    // OpenAI's SDKs repeat a 429; without new credit that is useless.
    expect(response.headers.get("x-should-retry")).toBe(code === "insufficient_credit" ? "false" : null);
  });

  test("D12: the code and the parameter of an upstream's refusal are passed on", async () => {
    const upstream = { param: "top_k", upstreamCode: "unsupported_value", message: "No top_k." };
    const response = await failing(new AppError("bad_request", upstream));
    expect((await response.json()).error).toMatchObject({
      ...{ message: "No top_k.", param: "top_k", code: "unsupported_value" },
    });
  });
});

describe("authentication of a route", () => {
  const claimsRoute = route({ auth: "claims" }, (context) => context.claims);

  test("a session cookie yields claims without a database query", async () => {
    const response = await claimsRoute(post({}, { cookie: `theme=dark; ${await cookie()}` }));
    expect(await response.json()).toEqual(claims);
  });

  test("a missing, forged or expired cookie is a 401", async () => {
    const forged = `${sessionCookieName()}=eyJhbGciOiJkaXIifQ..a.b.c`;
    for (const value of ["", forged, await cookie(-60)]) {
      const response = await claimsRoute(post({}, { cookie: value }));
      expect(response.status).toBe(401);
    }
  });

  test("S10: a session cookie that is sent twice is refused", async () => {
    const one = await cookie();
    for (const doubled of [`${one}; ${one}`, `${one};${sessionCookieName()}=other`]) {
      const response = await claimsRoute(post({}, { cookie: doubled }));
      expect(response.status).toBe(401);
    }
  });

  test("S10: over TLS the cookie's name has the prefix __Host-", () => {
    const environment = env();
    const { APP_URL } = environment;
    try {
      Object.assign(environment, { APP_URL: "https://chat.example" });
      expect(sessionCookieName()).toBe("__Host-authjs.session-token");
    } finally {
      Object.assign(environment, { APP_URL });
    }
  });

  test("a session cookie sent as a bearer token is a 401", async () => {
    const token = (await cookie()).split("=")[1] ?? "";
    expect((await claimsRoute(post({}, { authorization: `Bearer ${token}` }))).status).toBe(401);
  });

  test.each([
    ["another site's form", { origin: "https://evil.example" }],
    ["another site, by Sec-Fetch-Site", { "sec-fetch-site": "cross-site" }],
    ["a sister subdomain", { "sec-fetch-site": "same-site" }],
    ["a page without an origin", { origin: "null" }],
  ])("a request from %s with a valid cookie is a 403", async (_name, headers) => {
    const response = await claimsRoute(post({}, { cookie: await cookie(), ...headers }));
    expect(response.status).toBe(403);
  });

  test("same-origin requests are accepted", async () => {
    for (const headers of [{ origin: "http://localhost:3000" }, { "sec-fetch-site": "same-origin" }]) {
      expect((await claimsRoute(post({}, { cookie: await cookie(), ...headers }))).status).toBe(200);
    }
  });

  test("an API route without a key responds with OpenAI's error format", async () => {
    const api = route({ auth: "api-key", errors: "openai" }, () => ({}));
    const response = await api(new Request(url));
    expect(response.status).toBe(401);
    expect((await response.json()).error).toMatchObject({
      type: "authentication_error",
      code: "invalid_api_key",
    });
  });
});
