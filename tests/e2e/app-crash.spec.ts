import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";
import { connect } from "#db/client.ts";
import type { GuardedProcess } from "#sandbox/guarded-process.ts";
import { longText } from "#sandbox/openai/prepared-answers.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { startAppProcess } from "#tests/e2e/app-process.ts";
import { expectStreaming, lastAnswer, send, shownWords, wordsOf } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { signUp } from "#tests/e2e/users.ts";

const databaseName = "app_crash";
const serverUrl = process.env.MIGRATION_DATABASE_URL ?? "postgres://nowhere.invalid/none";
const databaseUrl = new URL(databaseName, serverUrl).href;
const environment = {
  ...process.env,
  DATABASE_URL: new URL(databaseName, process.env.DATABASE_URL).href,
  MIGRATION_DATABASE_URL: databaseUrl,
};
let port: number;
let app: GuardedProcess;

// The tests share one app process, so they run one after the other.
test.describe.configure({ mode: "default" });
test.setTimeout(240_000);
test.beforeAll(async () => {
  const server = connect(serverUrl, { max: 1 }).sql;
  await server`drop database if exists ${server(databaseName)} with (force)`;
  await server`create database ${server(databaseName)}`;
  await server.end();
  port = await findFreePort(4400);
  app = await startAppProcess(port, environment);
});
test.afterAll(() => app.stop());

test("kill -9 during an answer keeps its text, charges it once, releases the hold and shows the interruption", async ({
  page,
  allowError,
}) => {
  allowError(/net::ERR_/);
  await signUp(page, { url: `http://localhost:${port}`, databaseUrl });
  await send(page, "long 6000 tokens");
  await expectStreaming(page);
  // Text in the event log must survive the crash.
  await expect
    .poll(() => readStoredAnswer().then(({ logged }) => logged), { timeout: 20_000 })
    .toBeGreaterThan(200);
  app.kill();
  await app.exited;
  const { logged } = await readStoredAnswer();
  await expect(page.getByText("You’re disconnected.")).toBeVisible({ timeout: 20_000 });

  app = await startAppProcess(port, environment);
  await expect
    .poll(() => readStoredAnswer().then(({ status }) => status), { timeout: 60_000 })
    .toBe("interrupted");
  await expect(lastAnswer(page).getByRole("alert")).toContainText("The server restarted during this answer", {
    timeout: 60_000,
  });
  await expect(lastAnswer(page).getByRole("button", { name: "Try again" })).toBeVisible();
  await expect(lastAnswer(page)).toContainText("The text so far is saved. You were charged");

  const stored = await readStoredAnswer();
  expect(stored).toMatchObject({ message: "interrupted", openHolds: 0, heldMicros: 0, charges: 1 });
  expect(stored.text.length).toBeGreaterThanOrEqual(logged);
  expect(longText(6_000).startsWith(stored.text), "the stored text is a prefix of the answer").toBe(true);
  expect(stored.chargedMicros).toBeGreaterThan(0);
  expect(stored.chargedMicros).toBe(stored.ledgerMicros);
  // The page may show up to 0.2 s of text that was not logged yet, so it contains the stored text.
  await expect.poll(() => shownWords(lastAnswer(page))).toContain(wordsOf(stored.text));
  await page.reload();
  await expect(lastAnswer(page).getByRole("alert")).toContainText("The server restarted during this answer");
  await expect.poll(() => shownWords(lastAnswer(page))).toBe(wordsOf(stored.text));
});

test("a graceful shutdown during an answer keeps and charges the received text and shows the interruption", async ({
  page,
  allowError,
}) => {
  // Requests about the list of chats fail until the app runs again.
  allowError(/\/api\/chats\//);
  await signUp(page, { url: `http://localhost:${port}`, databaseUrl });
  await send(page, "long 6000 tokens");
  await expectStreaming(page);
  await app.stop();
  const stored = await readStoredAnswer();
  expect(stored).toMatchObject({
    status: "interrupted",
    errorCode: null,
    openHolds: 0,
    heldMicros: 0,
    charges: 1,
  });
  expect(stored.chargedMicros).toBeGreaterThan(0);
  expect(stored.chargedMicros).toBe(stored.ledgerMicros);
  expect(longText(6_000).startsWith(stored.text)).toBe(true);

  app = await startAppProcess(port, environment);
  await expect(lastAnswer(page).getByRole("alert")).toContainText("The server restarted during this answer", {
    timeout: 60_000,
  });
  await expect(lastAnswer(page)).toContainText("The text so far is saved. You were charged");
  await expect.poll(() => shownWords(lastAnswer(page))).toBe(wordsOf(stored.text));
});

test("a page and an action that fail show what finds them in the log, and Sentry receives both", async ({
  page,
  allowError,
}) => {
  allowError(/status of 500/);
  // React's error for a component that failed on the server.
  allowError(/React error #441/);
  await app.stop();
  const reports = await startIngest();
  const observed = {
    ...environment,
    SENTRY_DSN: `${reports.url.replace("//", "//public@")}/42`,
    OTEL_EXPORTER_OTLP_ENDPOINT: reports.url,
  };
  app = await startAppProcess(port, observed);
  await signUp(page, { url: `http://localhost:${port}`, databaseUrl });
  await page.goto(`http://localhost:${port}/keys`);
  const { sql } = connect(databaseUrl, { max: 1 });
  await sql`alter table api_keys rename to api_keys_away`;

  await page.getByRole("button", { name: "Create key" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("For a test");
  await dialog.getByRole("button", { name: "Create key" }).click();
  const problem = await dialog.getByText(/Request ID: [\w.-]+\. Trace ID: [0-9a-f]{32}\.$/).textContent();
  await page.reload();
  const digest = await page.getByText(/send us this code: \d+/).textContent();
  await sql`alter table api_keys_away rename to api_keys`;
  await sql.end();

  const [, requestId = "", traceId = ""] = problem?.match(/ID: ([\w.-]+)\. Trace ID: (\w+)/) ?? [];
  const [code = ""] = digest?.match(/\d+$/) ?? [];
  for (const id of [requestId, traceId, code])
    await expect.poll(() => reports.bodies.join("\n")).toContain(`"${id}"`);
  await reports.close();
});

/** Starts a server that receives what is sent to Sentry and to a collector. */
async function startIngest() {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    bodies.push((request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString("utf8"));
    response.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  const ingestPort = await findFreePort(4_900);
  await new Promise<void>((resolve) => server.listen(ingestPort, "127.0.0.1", resolve));
  const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
  return { url: `http://127.0.0.1:${ingestPort}`, bodies, close };
}

type StoredAnswer = {
  errorCode: string | null;
  status: string;
  message: string;
  text: string;
  logged: number;
  openHolds: number;
  heldMicros: number;
  charges: number;
  chargedMicros: number;
  ledgerMicros: number;
};

/** Returns the newest answer as stored, with its charges and the balance of its workspace. */
async function readStoredAnswer(): Promise<StoredAnswer> {
  const { sql } = connect(databaseUrl, { max: 1 });
  try {
    const [row] = await sql<StoredAnswer[]>`
      select g.status, g.error_code as "errorCode", m.status as message, m.content as text,
        (select coalesce(sum(length(e.event->>'text')), 0)::int from generation_events e where e.generation_id = g.id) as logged,
        (select count(*)::int from holds h where h.workspace_id = g.workspace_id and state = 'held') as "openHolds",
        (select held_micros::int from balances b where b.workspace_id = g.workspace_id) as "heldMicros",
        (select count(*)::int from openai_interactions i where i.workspace_id = g.workspace_id and purpose = 'chat') as charges,
        coalesce(g.charged_micros, 0)::int as "chargedMicros",
        (select coalesce(-sum(amount_micros), 0)::int from ledger_entries l
          where l.workspace_id = g.workspace_id and kind = 'spend') as "ledgerMicros"
      from generations g join messages m on m.id = g.message_id order by g.started_at desc limit 1`;
    if (row === undefined) throw new Error("There is no answer.");
    return row;
  } finally {
    await sql.end();
  }
}
