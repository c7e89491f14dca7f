import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { enqueue, registerJobs } from "#lib/core/queue.ts";
import { jobs } from "#lib/jobs/jobs.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";

let database: TestDatabase;
const statements: string[] = [];
const data = { mailId: "0193a1b2-0000-7000-8000-000000000000" };

beforeAll(async () => {
  registerJobs(jobs);
  database = await createTestDatabase((text) => statements.push(text));
});
afterAll(() => database.drop());
beforeEach(() => database.sql`delete from pgboss.job`);

async function readJobs(): Promise<{ name: string; data: unknown; startAfter: string }[]> {
  return database.sql`select name, data, start_after as "startAfter" from pgboss.job order by created_on`;
}

test("a job exists if and only if its transaction committed", async () => {
  await database.db.transaction((tx) => enqueue(tx, "mail.send", data));
  const failing = database.db.transaction(async (tx) => {
    await enqueue(tx, "mail.send", data);
    throw new Error("rolled back on purpose");
  });
  await expect(failing).rejects.toThrow("rolled back on purpose");
  expect(await readJobs()).toMatchObject([{ name: "mail.send", data }]);
});

test("enqueue accepts a postgres.js transaction", async () => {
  await database.sql.begin((tx) => enqueue(tx, "mail.send", data));
  expect(await readJobs()).toHaveLength(1);
});

test("enqueue returns false and writes nothing while a job with the same key waits", async () => {
  const both = await Promise.all(
    [1, 2].map(() => enqueue(database.db, "mail.send", data, { uniqueKey: "one" })),
  );
  expect(both.sort()).toEqual([false, true]);
  expect(await enqueue(database.db, "mail.send", data, { uniqueKey: "two" })).toBe(true);
  expect(await enqueue(database.db, "billing.sync", { customerId: "cus_1" }, { uniqueKey: "one" })).toBe(
    true,
  );
  expect(await readJobs()).toHaveLength(3);
});

test("enqueue without a key always writes a job", async () => {
  for (let count = 0; count < 3; count++) await enqueue(database.db, "mail.send", data);
  expect(await readJobs()).toHaveLength(3);
});

test("startAfter delays a job by seconds or until a moment", async () => {
  const later = new Date(Date.now() + 3_600_000);
  await enqueue(database.db, "mail.send", data, { startAfter: later });
  await enqueue(database.db, "mail.send", data, { startAfter: 3_600 });
  for (const job of await readJobs())
    expect(Math.abs(Date.parse(job.startAfter) - later.getTime())).toBeLessThan(60_000);
});

test("everySeconds limits a key to one job per period, even after the first job ended", async () => {
  const options = { uniqueKey: "hourly", everySeconds: 86_400 };
  expect(await enqueue(database.db, "mail.send", data, options)).toBe(true);
  await database.sql`update pgboss.job set state = 'completed', completed_on = now()`;
  expect(await enqueue(database.db, "mail.send", data, options)).toBe(false);
});

test("enqueue sends one statement", async () => {
  await enqueue(database.db, "mail.send", data);
  statements.length = 0;
  await enqueue(database.db, "mail.send", data);
  expect(statements).toHaveLength(1);
});

test("enqueue rejects an invalid payload", async () => {
  await expect(enqueue(database.db, "mail.send", { mailId: "no id" })).rejects.toThrow();
  expect(await readJobs()).toEqual([]);
});
