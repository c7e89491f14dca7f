import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { enqueue, enqueueAll, jobSchemas } from "#lib/core/queue.ts";
import type { JobTable } from "#lib/jobs/registry.ts";
import { startWorker, type Worker } from "#lib/jobs/worker.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";

let database: TestDatabase;
const workers: Worker[] = [];
const soon = { timeout: 10_000, interval: 20 };

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop();
  deliverAlertsTo(undefined);
});
afterAll(() => database.drop());

/** A table in which every job does nothing, but for those given. */
function tableOf(given: Partial<JobTable>): JobTable {
  const idle = Object.fromEntries(Object.keys(jobSchemas).map((name) => [name, async () => undefined]));
  return { ...idle, ...given } as JobTable; // Every name is there: the keys are those of the schemas.
}

async function start(given: Partial<JobTable>, pulses = {}): Promise<Worker> {
  const worker = await startWorker({ connectionString: database.url, table: tableOf(given), pulses });
  workers.push(worker);
  return worker;
}

test("a job runs as soon as it is committed, with the data it was written with", async () => {
  const seen: string[] = [];
  await start({ "stripe.event": async ({ eventId }) => seen.push(eventId) });
  const writtenAt = performance.now();
  await enqueue(database.db, "stripe.event", { eventId: "evt_1" });
  await vi.waitFor(() => expect(seen).toEqual(["evt_1"]), soon);
  expect(performance.now() - writtenAt).toBeLessThan(4_000);
});

test("a job that was written while no worker ran is found by the next one", async () => {
  await enqueue(database.db, "stripe.event", { eventId: "evt_early" });
  const seen: string[] = [];
  await start({ "stripe.event": async ({ eventId }) => seen.push(eventId) });
  await vi.waitFor(() => expect(seen).toEqual(["evt_early"]), soon);
});

test("jobs that were written together are done without a pause in between", async () => {
  const seen: string[] = [];
  await start({ "billing.sync": async ({ customerId }) => seen.push(customerId) });
  const jobs = Array.from({ length: 40 }, (_, index) => ({ customerId: `cus_${index}` }));
  await database.db.transaction((tx) =>
    enqueueAll(
      tx,
      "billing.sync",
      jobs.map((data) => ({ data, uniqueKey: data.customerId })),
    ),
  );
  await vi.waitFor(() => expect(seen).toHaveLength(40), soon);
});

test("a job that fails is tried again, and two workers never run it at once", async () => {
  let running = 0;
  let most = 0;
  let attempts = 0;
  const failOnce = async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    if (++attempts === 1) throw new Error("not yet");
  };
  await start({ "stripe.event": failOnce });
  await start({ "stripe.event": failOnce });
  await enqueue(database.db, "stripe.event", { eventId: "evt_again" });
  await vi.waitFor(async () => {
    const { count } = await database.sql`
      update pgboss.job set start_after = now() where name = 'stripe.event' and state = 'retry'`;
    expect(count).toBe(1);
  }, soon);
  await vi.waitFor(() => expect(attempts).toBe(2), soon);
  expect(most).toBe(1);
});

test("a job that fails for good is kept aside with its data, and the operator is told", async () => {
  const alerts: Alert[] = [];
  deliverAlertsTo(async (alert) => void alerts.push(alert));
  await enqueue(database.db, "billing.sync", { customerId: "cus_broken" });
  await database.sql`update pgboss.job set retry_limit = 0 where name = 'billing.sync'`;
  await start({ "billing.sync": () => Promise.reject(new Error("it broke")) });
  await vi.waitFor(async () => {
    const dead = await database.sql`select data from pgboss.job where name = 'dead'`;
    expect(dead.map((job) => job.data)).toEqual([{ customerId: "cus_broken" }]);
  }, soon);
  expect(alerts.map((alert) => alert.key)).toEqual(["job-failed:billing.sync"]);
});

test("stopping waits for the job that runs", async () => {
  let finish = () => {};
  let ended = false;
  const started = new Promise<void>((isStarted) => {
    void start({
      "chat.title": async () => {
        isStarted();
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        ended = true;
      },
    }).then(() =>
      enqueue(database.db, "chat.title", { conversationId: "0193a1b2-0000-7000-8000-000000000000" }),
    );
  });
  await started;
  const stopped = workers[0]?.stop();
  finish();
  await stopped;
  expect(ended).toBe(true);
});

test("of many processes, one at a time does a pulse, and a pulse that fails comes again", async () => {
  let running = 0;
  let most = 0;
  let beats = 0;
  const pulse = {
    everyMs: 20,
    run: async () => {
      most = Math.max(most, ++running);
      await database.sql`select 1`;
      running--;
      if (++beats === 1) throw new Error("the first one fails");
    },
  };
  await start({}, { "test.pulse": pulse });
  await start({}, { "test.pulse": pulse });
  await vi.waitFor(() => expect(beats).toBeGreaterThan(5), soon);
  expect(most).toBe(1);
});
