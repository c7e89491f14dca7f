import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { GET as listModels } from "#app/api/v1/models/route.ts";
import type { Follower } from "#db/follow-changes.ts";
import { createApiKey } from "#lib/accounts/api-keys.ts";
import { createUser } from "#lib/accounts/users.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { completeChat } from "#lib/gateways/openai/completions.ts";
import { forgetOutages } from "#lib/gateways/openai/health/target-health.ts";
import { checkUpstreams } from "#lib/usage/health/check-upstreams.ts";
import { followHealth } from "#lib/usage/health/follow-health.ts";
import { readModelOutages, readUpstreams } from "#lib/usage/health/health-store.ts";
import { statusOf } from "#lib/usage/health/model-status.ts";
import { findModel, targetsOf } from "#lib/usage/price-list.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";

const pollOptions = { timeout: 20_000 };

type Handler = (response: ServerResponse) => void;
let list: Handler;
let complete: Handler;
const requests: string[] = [];
const server = createServer((request, response) => {
  requests.push(`${request.method} ${request.url}`);
  request.resume();
  request.on("end", () => (request.method === "GET" ? list : complete)(response));
});

const json =
  (status: number, body: unknown): Handler =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
const lists = (...names: string[]) => json(200, { object: "list", data: names.map((id) => ({ id })) });
const answers = json(200, {
  choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
});
const everything = lists("first", "second");

let database: TestDatabase;
let follower: Follower;
const folder = mkdtempSync(join(tmpdir(), "parley-health-"));
const alerts: Alert[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const entry = { upstream: "own", costUsdPerMillion: { input: 1, output: 1 } };
  const models = [
    { ...entry, id: "a", label: "A", upstreamModel: "first", fallback: "b" },
    { ...entry, id: "b", label: "B", upstreamModel: "second" },
  ];
  const upstreams = [{ name: "own", baseUrl: `http://127.0.0.1:${port}/v1`, apiKeyEnv: "OWN_API_KEY" }];
  writeFileSync(join(folder, "models.json"), JSON.stringify({ upstreams, models }));
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  vi.stubEnv("DATABASE_URL", database.url);
  vi.stubEnv("MODELS_FILE", join(folder, "models.json"));
  vi.stubEnv("OWN_API_KEY", "sk-test");
  // Not the key of the sandbox, with which its models belong to the catalog.
  vi.stubEnv("OPENAI_API_KEY", "sk-other");
  deliverAlertsTo(async (alert) => void alerts.push(alert));
});

beforeEach(async () => {
  list = everything;
  complete = answers;
  await database.sql`delete from upstream_health`;
  await database.sql`delete from model_outages`;
  forgetOutages();
  follower = await followHealth();
  requests.length = 0;
});
afterEach(() => follower.stop());

afterAll(async () => {
  deliverAlertsTo(undefined);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
  await database.drop();
});

/** Checks all upstreams, whether or not a check is due. */
async function check(): Promise<void> {
  await checkUpstreams(new Date(Date.now() + 600_000));
  await follower.reload();
}

function model(id: string) {
  const found = findModel(id);
  if (found === undefined) throw new Error(`There is no model ${id}.`);
  return found;
}

const call = (id: string) =>
  completeChat({
    targets: targetsOf(model(id)),
    body: { messages: [] },
    signal: AbortSignal.timeout(20_000),
  });
const calls = () => requests.filter((request) => request.startsWith("POST"));

test("a model that its upstream no longer lists is marked, and is available again once it is listed", async () => {
  await check();
  expect(statusOf(model("b"))).toEqual({ status: "available" });
  list = lists("first");
  await check();
  expect(statusOf(model("b"))).toMatchObject({ status: "unavailable", outage: { reason: "unlisted" } });
  expect(statusOf(model("a"))).toEqual({ status: "available" });
  expect(alerts.map(({ key }) => key)).toContain("model-catalog");
  list = everything;
  await check();
  expect(statusOf(model("b"))).toEqual({ status: "available" });
});

test("GET /api/v1/models states the status of each model", async () => {
  const user = await createUser(
    database.db,
    { email: "ada@parley.example", name: "Ada", emailVerifiedAt: new Date() },
    new Date(),
  );
  if (user === null) throw new Error("The user exists.");
  const key = { name: "test", scopes: ["chat" as const], budgetMicros: null, expiresAt: null };
  const { secret } = await createApiKey(database.db, user.workspaceId, user.userId, key, new Date());
  const statuses = async () => {
    const headers = { authorization: `Bearer ${secret}` };
    const response = await listModels(new Request("http://app.test/api/v1/models", { headers }));
    const { data }: { data: { id: string; status: string }[] } = await response.json();
    return Object.fromEntries(data.map(({ id, status }) => [id, status]));
  };
  expect(await statuses()).toEqual({ a: "available", b: "available" });
  list = lists("second");
  await check();
  expect(await statuses()).toEqual({ a: "fallback", b: "available" });
  list = lists("third");
  await check();
  expect(await statuses()).toEqual({ a: "unavailable", b: "unavailable" });
});

test("a fallback answers for a model that is missing from the list", async () => {
  list = lists("second");
  await check();
  expect(statusOf(model("a"))).toMatchObject({ status: "fallback", answeredBy: { id: "b" } });
});

test("a model that answers is available although its upstream does not list it", async () => {
  list = lists("first");
  await check();
  expect((await call("b")).text).toBe("hello");
  expect(statusOf(model("b"))).toEqual({ status: "available" });
  await expect
    .poll(async () => (await readModelOutages(database.db))[0]?.answeredAt, pollOptions)
    .toBeInstanceOf(Date);
  await check();
  expect(statusOf(model("b"))).toEqual({ status: "available" });
});

test.each([
  ["404", json(404, { error: { message: "Not Found" } })],
  ["405", json(405, { detail: "Method Not Allowed" })],
  ["429", json(429, { error: { message: "Slow down" } })],
  ["403", json(403, { error: { message: "Missing scopes: api.model.read" } })],
  ["401 about a scope", json(401, { error: { message: "Missing scopes: api.model.read" } })],
  ["an empty list", json(200, { data: [] })],
  ["a page", (response: ServerResponse) => void response.end("<html></html>")],
])("an upstream that answers with %s in place of its models marks none of them", async (_what, handler) => {
  list = handler;
  await check();
  await check();
  await check();
  expect([statusOf(model("a")), statusOf(model("b"))]).toEqual([
    { status: "available" },
    { status: "available" },
  ]);
  expect(await readUpstreams(database.db)).toMatchObject([{ listsModels: false, outage: null, failures: 0 }]);
});

test("an upstream whose checks fail twice is out for all its models, and comes back by itself", async () => {
  list = json(503, {});
  await check();
  expect(statusOf(model("a"))).toEqual({ status: "available" });
  await check();
  expect(statusOf(model("a"))).toMatchObject({ status: "unavailable", outage: { reason: "unreachable" } });
  expect(await readUpstreams(database.db)).toMatchObject([{ outage: "unreachable", lastError: "HTTP 503" }]);
  expect(alerts.map(({ key }) => key)).toContain("upstream-unreachable:own");
  list = everything;
  await check();
  expect(statusOf(model("a"))).toEqual({ status: "available" });
});

test("an upstream that is out gets one call a minute, and its answer ends the outage for all", async () => {
  list = json(503, {});
  await check();
  await check();
  complete = json(400, { error: { message: "refused" } });
  await expect(call("b")).rejects.toMatchObject({ code: "bad_request" });
  await expect(call("b")).rejects.toMatchObject({ code: "model_unavailable" });
  expect(calls()).toHaveLength(1);
  // As in another process, which has not called yet.
  forgetOutages();
  await follower.reload();
  complete = answers;
  expect((await call("b")).text).toBe("hello");
  await expect.poll(async () => (await readUpstreams(database.db))[0]?.outage, pollOptions).toBeNull();
});

test("a rejected key is an outage at the first check, with one alert", async () => {
  list = json(401, { error: { message: "Incorrect API key provided" } });
  alerts.length = 0;
  await check();
  await check();
  expect(statusOf(model("b"))).toMatchObject({ status: "unavailable", outage: { reason: "key" } });
  expect(alerts.map(({ key }) => key)).toEqual(["openai:own:401"]);
});

test("a refusal is shared with other processes, and an answer withdraws it", async () => {
  complete = json(403, { error: { message: "no access" } });
  await expect(call("b")).rejects.toMatchObject({ code: "model_unavailable" });
  await expect.poll(async () => (await readModelOutages(database.db)).length, pollOptions).toBe(1);
  // Another process knows it by the notification, without a call.
  forgetOutages();
  await database.sql`select pg_notify('parley_health', '')`;
  await expect.poll(() => statusOf(model("b")).status, pollOptions).toBe("unavailable");
  await expect(call("b")).rejects.toMatchObject({ code: "model_unavailable" });
  expect(calls()).toHaveLength(1);
  expect(statusOf(model("b"))).toMatchObject({ outage: { reason: "refused" } });
  await database.sql`update model_outages set ends_at = now() - interval '1 second'`;
  await follower.reload();
  expect(statusOf(model("b"))).toEqual({ status: "available" });
  complete = answers;
  await call("b");
  await expect.poll(() => readModelOutages(database.db), pollOptions).toEqual([]);
});

test("concurrent processes check an upstream once, and not before it is due", async () => {
  const at = new Date();
  await Promise.all([checkUpstreams(at), checkUpstreams(at), checkUpstreams(at)]);
  expect(requests).toEqual(["GET /v1/models"]);
  await checkUpstreams();
  expect(requests).toHaveLength(1);
});
