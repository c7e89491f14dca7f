import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { GET as getHealthRoute } from "#app/api/health/route.ts";
import { GET as getMetricsRoute } from "#app/api/metrics/route.ts";
import { GET as getDocument } from "#app/api/openapi.json/route.ts";
import { GET as getReadyRoute } from "#app/api/ready/route.ts";
import { type Env, env } from "#lib/core/env.ts";
import { enqueue } from "#lib/core/queue.ts";
import { checked } from "#tests/contract.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";

const getHealth = checked(getHealthRoute);
const getMetrics = checked(getMetricsRoute);
const getReady = checked(getReadyRoute);

const token = "a-token-for-metrics";
let environment: Env;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  for (const [name, value] of Object.entries({ ...testEnvironment, METRICS_TOKEN: token }))
    vi.stubEnv(name, value);
  environment = env();
});
afterAll(() => database.drop());

const request = (path: string, headers = {}) => new Request(`http://localhost:3000${path}`, { headers });

test("the liveness endpoint responds without a database query", async () => {
  const response = await getHealth(request("/api/health"));
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: "ok" });
});

test("the readiness endpoint reports a missing worker", async () => {
  const response = await getReady(request("/api/ready"));
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ ready: false, database: "ok", worker: "none is alive" });
});

test("metrics require the token; other requests get a 404", async () => {
  for (const authorization of ["", "Bearer", "Bearer wrong", token, `bearer ${token}x`]) {
    const response = await getMetrics(request("/api/metrics", { authorization }));
    expect(response.status, authorization).toBe(404);
  }
  const response = await getMetrics(request("/api/metrics", { authorization: `Bearer ${token}` }));
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("text/plain");
});

test("metrics are a 404 if no token is configured", async () => {
  const { METRICS_TOKEN } = environment;
  try {
    Reflect.deleteProperty(environment, "METRICS_TOKEN");
    for (const authorization of ["Bearer ", "Bearer undefined", `Bearer ${token}`])
      expect((await getMetrics(request("/api/metrics", { authorization }))).status).toBe(404);
  } finally {
    Object.assign(environment, { METRICS_TOKEN });
  }
});

test("metrics count requests by route, errors by code and waiting jobs", async () => {
  await getHealth(request("/api/health"));
  await enqueue(database.db, "billing.sync", { customerId: "cus_1" });
  const text = await (await getMetrics(request("/api/metrics", { authorization: `Bearer ${token}` }))).text();
  expect(text).toMatch(
    /parley_http_request_seconds_count\{route="\/api\/health",method="GET",status="200"\} \d/,
  );
  expect(text).toMatch(/parley_errors_total\{code="not_found"\} \d/);
  expect(text).toContain('parley_queue_depth{queue="billing.sync"} 1');
  expect(text).toContain('parley_queue_depth{queue="mail.send"} 0');
});

test("the OpenAPI 3.1 document contains the schemas of the routes", async () => {
  const document = await (await getDocument(request("/api/openapi.json"))).json();
  expect(document.openapi).toBe("3.1.0");
  expect(document.paths["/api/openai/chat"].post.operationId).toBe("startGeneration");
  expect(Object.keys(document.components.schemas.GenerationRequest.properties)).toContain("generationId");
});
