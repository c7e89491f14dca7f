import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { newId } from "#lib/core/ids.ts";
import { enqueue } from "#lib/core/queue.ts";
import { startGuarded } from "#sandbox/guarded-process.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { type OtlpReceiver, startOtlpReceiver } from "#tests/integration/observability/otlp-receiver.ts";

const waitOptions = { timeout: 40_000, interval: 50 };
const folder = mkdtempSync(join(tmpdir(), "parley-modules-"));
let database: TestDatabase;
let receiver: OtlpReceiver;

beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await startOtlpReceiver();
});
afterAll(async () => {
  await receiver.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a program in a process that records which modules of OpenTelemetry and Sentry it loads. */
function start(program: string, environment: Record<string, string>) {
  const lines: string[] = [];
  const modules = join(folder, `${newId()}.json`);
  const child = startGuarded({
    command: process.execPath,
    args: ["--import", "./tests/integration/observability/list-modules.mjs", program],
    cwd: process.cwd(),
    env: {
      ...testEnvironment,
      PATH: process.env.PATH,
      DATABASE_URL: database.url,
      MIGRATION_DATABASE_URL: database.ownerUrl,
      LOADED_MODULES: modules,
      NODE_ENV: "production",
      ...environment,
    },
    onLine: (line) => lines.push(line),
  });
  const loadedModules = (): string[] => JSON.parse(readFileSync(modules, "utf8"));
  return { child, lines, loadedModules };
}

const otel = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });

/** Runs a job in a worker's process and stops the process. @returns the modules that it loaded */
async function runWorker(environment: Record<string, string>): Promise<string[]> {
  const { child, lines, loadedModules } = start("lib/jobs/worker.ts", environment);
  await vi.waitFor(() => expect(lines.join("\n")).toContain("The worker is running"), waitOptions);
  await enqueue(database.db, "usage.sweep-holds", {});
  await vi.waitFor(async () => {
    const [row] = await database.sql`
      select count(*)::int as open from pgboss.job where name = 'usage.sweep-holds' and state <> 'completed'`;
    expect(row?.open).toBe(0);
  }, waitOptions);
  await child.stop();
  expect(await child.exited).toMatchObject({ code: 0 });
  // prom-client and Next.js load the interface on their own, with or without an implementation behind it.
  return loadedModules().filter((url) => !url.includes("/@opentelemetry/api/"));
}

test("without the variables, a worker loads nothing of OpenTelemetry or Sentry", async () => {
  expect(await runWorker({})).toEqual([]);
});

test("without the variables, the app loads nothing of OpenTelemetry or Sentry", async () => {
  const { child, lines, loadedModules } = start("tests/integration/observability/load-app.ts", {});
  expect(await child.exited, lines.join("\n")).toMatchObject({ code: 0 });
  expect(loadedModules().filter((url) => !url.includes("/@opentelemetry/api/"))).toEqual([]);
});

test("a worker sends its spans over OTLP in protobuf, the last ones when it stops", async () => {
  const loaded = await runWorker(otel());
  expect(loaded.join()).toContain("@opentelemetry/sdk-trace");
  expect(loaded.join()).not.toContain("@sentry");
  const traces = receiver.requests.filter(({ path }) => path === "/v1/traces");
  expect(traces.map(({ type }) => type)).toContain("application/x-protobuf");
  expect(traces.some(({ body }) => body.includes("job.usage.sweep-holds"))).toBe(true);
  const sent = receiver.requests.filter(({ path }) => path === "/v1/metrics");
  expect(sent.some(({ body }) => body.includes("parley_job_seconds"))).toBe(true);
});

test("an error arrives at Sentry masked like the log, with its request and trace", async () => {
  const bodies: string[] = [];
  const ingest = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    bodies.push((request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString("utf8"));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => ingest.listen(0, "127.0.0.1", resolve));
  const address = ingest.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const sentry = { SENTRY_DSN: `http://public@127.0.0.1:${port}/42`, LOG_LEVEL: "error", ...otel() };
  const { child, lines } = start("tests/integration/observability/report-error.ts", sentry);
  expect(await child.exited, lines.join("\n")).toMatchObject({ code: 0 });
  ingest.closeAllConnections();
  await new Promise((resolve) => ingest.close(resolve));

  const events = bodies
    .flatMap((body) => body.split("\n"))
    .filter((line) => line.includes('"event_id"') && line.includes('"tags"'))
    .map((line) => JSON.parse(line));
  expect(events).toHaveLength(3);
  const [failed, logged, page] = events;
  const { answered } = JSON.parse(lines.find((line) => line.includes('"answered"')) ?? "{}");
  expect(failed.tags).toMatchObject({
    requestId: "request-1",
    traceId: answered.error.traceId,
    errorCode: "internal",
    event: "http.request",
    process: "app",
  });
  const messages = failed.exception.values.map(({ value }: { value: string }) => value);
  expect(messages).toEqual(['upstream said: "[input]"', "[email] with [input] asked: [input]"]);
  expect(failed.exception.values.at(-1).stacktrace.frames.at(-1).filename).toContain("report-error.ts");
  expect(logged).toMatchObject({ message: "Something failed for [email]", extra: { detail: "[email]" } });
  expect(page).toMatchObject({
    tags: { requestId: "request-2", errorCode: "internal", event: "http.page" },
    extra: { digest: "12345", route: "/chat/[id]/page" },
  });
  expect(page.exception.values.at(-1).value).toBe("[email] has no chat");

  const line = JSON.parse(lines.find((text) => text.includes("http.request")) ?? "{}");
  expect(line).toMatchObject({ requestId: "request-1", traceId: answered.error.traceId });
  expect(line.err.message).toBe("[email] with [input] asked: [input]");
  const secrets = ["elephant", "sk-proj", "person.example", "turquoise", "in-the-query", "in-a-cookie"];
  for (const text of secrets) {
    expect(bodies.join("\n").includes(text), text).toBe(false);
    expect(lines.join("\n").includes(text), text).toBe(false);
  }
});
