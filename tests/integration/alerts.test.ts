import { createServer, type Server } from "node:http";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { deliverAlertsTo, raiseAlert } from "#lib/core/alerts.ts";
import { jobSchemas } from "#lib/core/queue.ts";
import { prepareProcess } from "#lib/jobs/prepare-process.ts";
import { type JobTable, jobs } from "#lib/jobs/registry.ts";
import { startWorker, type Worker } from "#lib/jobs/worker.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { freePort, testEnvironment } from "#tests/integration/accounts/environment.ts";

const soon = { timeout: 10_000, interval: 20 };
const letters: ParsedMail[] = [];
const posts: unknown[] = [];
/** What the webhook answers from now on. */
let status = 200;
let database: TestDatabase;
let worker: Worker;
let mailServer: SMTPServer;
let webhook: Server;

beforeAll(async () => {
  const [mailPort, webhookPort] = [await freePort(), await freePort()];
  mailServer = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: async (stream, _session, done) => {
      letters.push(await simpleParser(stream));
      done();
    },
  });
  await new Promise<void>((resolve) => mailServer.listen(mailPort, "127.0.0.1", resolve));
  webhook = createServer(async (request, response) => {
    posts.push(JSON.parse((await request.toArray()).join("")));
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => webhook.listen(webhookPort, "127.0.0.1", resolve));
  database = await createTestDatabase();
  const environment = {
    ...testEnvironment,
    DATABASE_URL: database.url,
    SMTP_URL: `smtp://127.0.0.1:${mailPort}`,
    ALERT_EMAIL: "operator@person.example",
    ALERT_WEBHOOK_URL: `http://127.0.0.1:${webhookPort}/alerts`,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  // What gives alerts their way out, in the app and in the worker.
  await prepareProcess();
  const idle = Object.fromEntries(Object.keys(jobSchemas).map((name) => [name, async () => undefined]));
  // Every name is there: the keys are those of the schemas.
  const table = { ...idle, "alert.deliver": jobs["alert.deliver"] } as JobTable;
  worker = await startWorker({ connectionString: database.url, table, pulses: {} });
});
afterEach(() => {
  letters.length = 0;
  posts.length = 0;
  status = 200;
});
afterAll(async () => {
  await worker.stop();
  deliverAlertsTo(undefined);
  await new Promise<void>((resolve) => mailServer.close(resolve));
  await new Promise((resolve) => webhook.close(resolve));
  await database.drop();
});

const problem = (key: string) => ({ key, title: "A key is refused", detail: "<b>openai</b> said no." });

/** How many of an alert's jobs are done. */
async function done(key: string): Promise<number> {
  const rows = await database.sql`
    select 1 from pgboss.job where name = 'alert.deliver' and state = 'completed' and data->>'key' = ${key}`;
  return rows.length;
}

test("an alert reaches the operator by mail and by webhook, as text and not as markup", async () => {
  await raiseAlert(problem("both-ways"));
  await vi.waitFor(async () => expect(await done("both-ways")).toBe(2), soon);
  expect(letters.map(({ subject }) => subject)).toEqual(["Parley: A key is refused"]);
  expect(letters[0]?.text).toContain("<b>openai</b> said no.");
  expect(letters[0]?.html).not.toContain("<b>");
  const text = "A key is refused: <b>openai</b> said no.";
  expect(posts).toEqual([{ ...problem("both-ways"), text }]);
});

test("a webhook that is down gets the alert later, and the letter is not sent again", async () => {
  status = 503;
  await raiseAlert(problem("webhook-down"));
  await vi.waitFor(async () => {
    status = posts.length === 0 ? 503 : 200;
    const { count } = await database.sql`
      update pgboss.job set start_after = now() where name = 'alert.deliver' and state = 'retry'`;
    expect(count).toBe(1);
  }, soon);
  await vi.waitFor(async () => expect(await done("webhook-down")).toBe(2), soon);
  expect(posts).toHaveLength(2);
  expect(letters).toHaveLength(1);
});

test("a problem that several processes find is told once an hour", async () => {
  await raiseAlert(problem("found-twice"));
  await vi.waitFor(async () => expect(await done("found-twice")).toBe(2), soon);
  // The other process has not told anybody yet, as far as it knows; for this one it is as if an hour had passed.
  await raiseAlert(problem("found-twice"), Date.now() + 3_600_000);
  const rows = await database.sql`select 1 from pgboss.job where data->>'key' = 'found-twice'`;
  expect(rows).toHaveLength(2);
});
