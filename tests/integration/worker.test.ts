import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { enqueue, enqueueAll } from "#lib/core/queue.ts";
import type { JobHandlers } from "#lib/jobs/jobs.ts";
import { startWorker, type Worker } from "#lib/jobs/worker.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";

let database: TestDatabase;
const workers: Worker[] = [];
const waitOptions = { timeout: 10_000, interval: 20 };

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop();
  deliverAlertsTo(undefined);
});
afterAll(() => database.drop());

/** Starts a worker in which the jobs without a handler do nothing. */
async function start(handlers: Partial<JobHandlers>, intervalTasks = {}): Promise<Worker> {
  const worker = await startWorker({ connectionString: database.url, handlers, intervalTasks });
  workers.push(worker);
  return worker;
}

test("a job runs within four seconds of its commit, with its payload", async () => {
  const seen: string[] = [];
  await start({ "stripe.event": async ({ eventId }) => seen.push(eventId) });
  const writtenAt = performance.now();
  await enqueue(database.db, "stripe.event", { eventId: "evt_1" });
  await vi.waitFor(() => expect(seen).toEqual(["evt_1"]), waitOptions);
  expect(performance.now() - writtenAt).toBeLessThan(4_000);
});

test("a worker runs jobs that were written before it started", async () => {
  await enqueue(database.db, "stripe.event", { eventId: "evt_early" });
  const seen: string[] = [];
  await start({ "stripe.event": async ({ eventId }) => seen.push(eventId) });
  await vi.waitFor(() => expect(seen).toEqual(["evt_early"]), waitOptions);
});

test("jobs written in one transaction run without pauses between them", async () => {
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
  await vi.waitFor(() => expect(seen).toHaveLength(40), waitOptions);
});

test("a failed job is retried, and two workers never run it at the same time", async () => {
  let running = 0;
  let maxRunning = 0;
  let attempts = 0;
  const failOnce = async () => {
    maxRunning = Math.max(maxRunning, ++running);
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
  }, waitOptions);
  await vi.waitFor(() => expect(attempts).toBe(2), waitOptions);
  expect(maxRunning).toBe(1);
});

test("a job without attempts left moves to the dead-letter queue with its payload and raises an alert", async () => {
  const alerts: Alert[] = [];
  deliverAlertsTo(async (alert) => void alerts.push(alert));
  await enqueue(database.db, "billing.sync", { customerId: "cus_broken" });
  await database.sql`update pgboss.job set retry_limit = 0 where name = 'billing.sync'`;
  await start({ "billing.sync": () => Promise.reject(new Error("it broke")) });
  await vi.waitFor(async () => {
    const dead = await database.sql`select data from pgboss.job where name = 'dead'`;
    expect(dead.map((job) => job.data)).toEqual([{ customerId: "cus_broken" }]);
  }, waitOptions);
  expect(alerts.map((alert) => alert.key)).toEqual(["job-failed:billing.sync"]);
});

test("starting a worker removes schedules that are not in the table of jobs", async () => {
  await database.sql`insert into pgboss.schedule (name, key, cron, timezone) values ('chat.title', '', '0 0 1 1 *', 'UTC')`;
  await start({});
  const rows =
    await database.sql`select name from pgboss.schedule where name in ('chat.title', 'billing.sweep')`;
  expect(rows.map(({ name }) => name)).toEqual(["billing.sweep"]);
});

test("stopping a worker waits for its running job", async () => {
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

test("one process at a time runs an interval task, and a failed task runs again", async () => {
  let running = 0;
  let maxRunning = 0;
  let ticks = 0;
  const task = {
    intervalMs: 20,
    run: async () => {
      maxRunning = Math.max(maxRunning, ++running);
      await database.sql`select 1`;
      running--;
      if (++ticks === 1) throw new Error("the first one fails");
    },
  };
  await start({}, { "test.task": task });
  await start({}, { "test.task": task });
  await vi.waitFor(() => expect(ticks).toBeGreaterThan(5), waitOptions);
  expect(maxRunning).toBe(1);
});

test("a notification wakes an interval task, and one that arrives while it runs makes it run again", async () => {
  const held = Promise.withResolvers<void>();
  let runs = 0;
  const run = async () => {
    runs += 1;
    if (runs === 2) await held.promise;
  };
  const wakeOn = { channel: "test_wake", message: /^list / };
  await start({}, { "test.woken": { intervalMs: 3_600_000, run, wakeOn } });
  const notify = (message: string) => database.sql`select pg_notify('test_wake', ${message})`;
  // It runs once when it begins to listen: nobody knows what was announced before.
  await vi.waitFor(() => expect(runs).toBe(1), waitOptions);
  await notify("other 1");
  await notify("list 1");
  await vi.waitFor(() => expect(runs).toBe(2), waitOptions);
  await notify("list 2");
  await notify("list 3");
  held.resolve();
  await vi.waitFor(() => expect(runs).toBeGreaterThan(2), waitOptions);
});

test("a worker that stops ends a long interval task", async () => {
  const started = Promise.withResolvers<void>();
  const run = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve());
      started.resolve();
    });
  const worker = await start({}, { "test.long": { intervalMs: 20, run } });
  await started.promise;
  await worker.stop();
});
