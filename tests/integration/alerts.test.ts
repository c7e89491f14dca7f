import { createServer, type Server } from "node:http";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { deliverAlertsTo, raiseAlert } from "#lib/core/alerts.ts";
import { jobs } from "#lib/jobs/jobs.ts";
import { prepareProcess } from "#lib/jobs/prepare-process.ts";
import { startWorker, type Worker } from "#lib/jobs/worker.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { freePort, testEnvironment } from "#tests/integration/accounts/environment.ts";

const waitOptions = { timeout: 10_000, interval: 20 };
const emails: ParsedMail[] = [];
const posts: unknown[] = [];
/** The status with which the webhook answers. */
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
      emails.push(await simpleParser(stream));
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
    MIGRATION_DATABASE_URL: database.ownerUrl,
    SMTP_URL: `smtp://127.0.0.1:${mailPort}`,
    ALERT_EMAIL: "operator@person.example",
    ALERT_WEBHOOK_URL: `http://127.0.0.1:${webhookPort}/alerts`,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  // Configures the delivery of alerts, as in the app and in the worker.
  await prepareProcess();
  const handlers = { "alert.deliver": jobs["alert.deliver"].run };
  worker = await startWorker({ connectionString: database.url, handlers, intervalTasks: {} });
});
afterEach(() => {
  emails.length = 0;
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

const alertOf = (key: string) => ({ key, title: "A key is refused", detail: "<b>openai</b> said no." });

/** The number of completed jobs of an alert. */
async function countDelivered(key: string): Promise<number> {
  const rows = await database.sql`
    select 1 from pgboss.job where name = 'alert.deliver' and state = 'completed' and data->>'key' = ${key}`;
  return rows.length;
}

test("an alert is delivered by email and webhook, with its markup escaped", async () => {
  await raiseAlert(alertOf("both-ways"));
  await vi.waitFor(async () => expect(await countDelivered("both-ways")).toBe(2), waitOptions);
  expect(emails.map(({ subject }) => subject)).toEqual(["Parley: A key is refused"]);
  expect(emails[0]?.text).toContain("<b>openai</b> said no.");
  expect(emails[0]?.html).not.toContain("<b>");
  const text = "A key is refused: <b>openai</b> said no.";
  expect(posts).toEqual([{ ...alertOf("both-ways"), text }]);
});

test("a failed webhook delivery is retried without sending the email again", async () => {
  status = 503;
  await raiseAlert(alertOf("webhook-down"));
  await vi.waitFor(() => expect(posts).toHaveLength(1), waitOptions);
  status = 200;
  await vi.waitFor(async () => {
    const { count } = await database.sql`
      update pgboss.job set start_after = now() where name = 'alert.deliver' and state = 'retry'`;
    expect(count).toBe(1);
  }, waitOptions);
  await vi.waitFor(async () => expect(await countDelivered("webhook-down")).toBe(2), waitOptions);
  expect(posts).toHaveLength(2);
  expect(emails).toHaveLength(1);
});

test("an alert raised by several processes is delivered once per hour", async () => {
  await raiseAlert(alertOf("found-twice"));
  await vi.waitFor(async () => expect(await countDelivered("found-twice")).toBe(2), waitOptions);
  // A second process has no memory of the first alert; moving the time by an hour simulates it.
  await raiseAlert(alertOf("found-twice"), Date.now() + 3_600_000);
  const rows = await database.sql`select 1 from pgboss.job where data->>'key' = 'found-twice'`;
  expect(rows).toHaveLength(2);
});
