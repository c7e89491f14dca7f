import { createServer, type IncomingHttpHeaders } from "node:http";
import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { POST as chat } from "#app/api/openai/chat/route.ts";
import { POST as complete } from "#app/api/v1/chat/completions/route.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { storeEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { shutDownGenerations } from "#lib/chat/generation/shut-down.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { newId } from "#lib/core/ids.ts";
import { currentSpan, inSpan } from "#lib/core/observability/tracing.ts";
import { postToUpstream } from "#lib/gateways/openai/client.ts";
import { readAll } from "#lib/gateways/openai/http-stream.ts";
import { jobs } from "#lib/jobs/jobs.ts";
import { startObserving, stopObserving } from "#lib/jobs/observe-process.ts";
import { startWorker, type Worker } from "#lib/jobs/worker.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import {
  addUser,
  type ChatTestEnv,
  startChatTestEnv,
  startInput,
} from "#tests/integration/chat/chat-test-env.ts";
import { type OtlpReceiver, startOtlpReceiver } from "#tests/integration/observability/otlp-receiver.ts";

const prompt = "Write to ada@person.example about the purple elephant";
const answer = "The answer is a turquoise hippopotamus";
const model = "gpt-4.1-mini";
const waitOptions = { timeout: 20_000, interval: 50 };
let receiver: OtlpReceiver;
let world: ChatTestEnv;
let worker: Worker;

const forgetEnvironment = () => Reflect.deleteProperty(globalThis, Symbol.for("parley.env"));

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
  vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json");
  vi.stubEnv("TRACE_UPSTREAMS", "local, other");
  await startObserving("app");
  forgetEnvironment();
  world = await startChatTestEnv();
  const handlers = { "chat.title": jobs["chat.title"].run };
  worker = await startWorker({ connectionString: world.url, handlers, intervalTasks: {} });
});
afterAll(async () => {
  await shutDownGenerations();
  await worker.stop();
  await stopObserving();
  await world.close();
  await receiver.close();
});

/** Calls the public API with a new user's key. */
async function callApi(body: object, headers: Record<string, string> = {}) {
  const user = await addUser(world);
  const wanted = { name: "test", scopes: ["chat" as const], budgetMicros: null, expiresAt: null };
  const { secret } = await createApiKey(world.db, user.workspaceId, user.userId, wanted, now());
  const response = await complete(
    new Request("http://localhost:3000/api/v1/chat/completions", {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    }),
  );
  return { secret, response, json: await response.json() };
}

/** Starts an answer for a new user of the screens, whose title is a job. */
async function chatAsUser(text: string): Promise<string> {
  const user = await addUser(world);
  const salt = sessionCookieName();
  const token = { userId: user.userId, sessionId: user.sessionId };
  const cookie = `${salt}=${await encode({ token, secret: env().AUTH_SECRET, salt, maxAge: 60 })}`;
  const headers = { "content-type": "application/json", origin: env().APP_URL, cookie };
  const input = startInput(text, model);
  const response = await chat(
    new Request("http://localhost:3000/api/openai/chat", {
      method: "POST",
      headers,
      body: JSON.stringify(input),
    }),
  );
  expect(await response.text()).toContain("elephant");
  return input.generationId;
}

test("a chat's request, module function, statements, model call, generation and job are one trace", async () => {
  const generationId = await chatAsUser(`say exactly: ${prompt}`);
  const found = await vi.waitFor(() => {
    const spans = receiver.spans();
    const generation = spans.find((span) => span.attributes["parley.generation_id"] === generationId);
    const trace = spans.filter((span) => span.traceId === generation?.traceId);
    const names = trace.map(({ name }) => name);
    expect(names).toContain("job.chat.title");
    expect(names).toContain("chat.finalizeGeneration");
    return { trace, names };
  }, waitOptions);
  expect(found.names).toEqual(
    expect.arrayContaining(["POST /api/openai/chat", "chat.startGeneration", "chat.generation"]),
  );
  const named = (name: string) => found.trace.find((span) => span.name === name);
  const request = named("POST /api/openai/chat");
  expect(request?.parentSpanId).toBeFalsy();
  expect(request?.attributes).toMatchObject({
    "http.route": "/api/openai/chat",
    "http.request.method": "POST",
  });
  expect(named("chat.startGeneration")?.parentSpanId).toBe(request?.spanId);
  const call = named("model request");
  expect(call?.attributes).toMatchObject({ "gen_ai.request.model": model });
  expect(call?.kind).toBe(3);
  const statements = found.trace.filter((span) => span.attributes["db.system.name"] === "postgresql");
  expect(statements.map(({ name }) => name)).toContain("select load_generation_starts");
  expect(statements.every(({ traceId }) => traceId === request?.traceId)).toBe(true);
  expect(named("job.chat.title")?.kind).toBe(5);
});

test("an API error names its request and trace, and the client's trace is linked, not continued", async () => {
  const clientTrace = "0af7651916cd43dd8448eb211c80319c";
  const headers = { traceparent: `00-${clientTrace}-b7ad6b7169203331-01` };
  const { response, json } = await callApi(
    { model: "none", messages: [{ role: "user", content: "x" }] },
    headers,
  );
  expect(response.status).toBe(404);
  expect(json.error.request_id).toBe(response.headers.get("x-request-id"));
  const span = await vi.waitFor(() => {
    const trace = receiver.spans().filter(({ traceId }) => traceId === json.error.trace_id);
    const found = trace.find(({ name }) => name === "POST /api/v1/chat/completions");
    expect(found).toBeDefined();
    return found;
  }, waitOptions);
  expect(span?.attributes).toMatchObject({
    "parley.request_id": json.error.request_id,
    "http.response.status_code": 404,
    "error.type": "model_not_found",
  });
  expect(span?.links.map(({ traceId }) => traceId)).toEqual([clientTrace]);
});

test("concurrent webhooks keep their own traces in a shared transaction", async () => {
  const deliver = () =>
    inSpan("POST /api/webhooks/stripe", { kind: "server" }, async () => {
      const id = `evt_${newId()}`;
      const base = { id, type: "customer.updated", customerId: null, chargeId: null, payload: "{}" };
      await storeEvent({ ...base, createdAt: now(), livemode: false, isThin: false });
      return { id, traceparent: currentSpan()?.traceparent };
    });
  const delivered = await Promise.all([deliver(), deliver(), deliver()]);
  const rows = await world.sql<{ data: { eventId: string; traceparent: string } }[]>`
    select data from pgboss.job where name = 'stripe.event'`;
  for (const { id, traceparent } of delivered)
    expect(rows.find(({ data }) => data.eventId === id)?.data.traceparent).toBe(traceparent);
  expect(new Set(delivered.map(({ traceparent }) => traceparent)).size).toBe(3);
});

test("only the upstreams of TRACE_UPSTREAMS get the traceparent header", async () => {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const call = (name: string) =>
    inSpan("request", {}, async () => {
      const upstream = { name, baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: "k" };
      await readAll(
        await postToUpstream(upstream, "/chat/completions", {}, AbortSignal.timeout(20_000)),
        100,
      );
      return currentSpan()?.traceparent;
    });
  const traceparent = await call("local");
  await call("openai");
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(seen.map((headers) => headers.traceparent)).toEqual([traceparent, undefined]);
});

test("metrics, the last spans and no prompt, answer, key or email address arrive by the end", async () => {
  const { secret, json } = await callApi({
    model,
    messages: [{ role: "user", content: `say exactly: ${answer} ${prompt}` }],
  });
  expect(json.choices[0].message.content).toContain(answer);
  await stopObserving();
  expect(receiver.spans().filter(({ name }) => name === "chat.completeForApi").length).toBeGreaterThan(0);
  expect(receiver.metricNames()).toEqual(
    expect.arrayContaining(["parley_http_request_seconds", "parley_queue_depth", "parley_tokens_total"]),
  );
  const everything = receiver.requests.map(({ body }) => body.toString("utf8")).join("\n");
  for (const text of ["elephant", "hippopotamus", secret, "person.example", "sk-sandbox", "@parley.example"])
    expect(everything.includes(text), text).toBe(false);
});
