import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { enqueue } from "#lib/core/queue.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";

let database: TestDatabase;
const statements: string[] = [];
const data = { mailId: "0193a1b2-0000-7000-8000-000000000000" };

beforeAll(async () => {
  database = await createTestDatabase((text) => statements.push(text));
});
afterAll(() => database.drop());
beforeEach(() => database.sql`delete from pgboss.job`);

async function waiting(): Promise<{ name: string; data: unknown; startAfter: string }[]> {
  return database.sql`select name, data, start_after as "startAfter" from pgboss.job order by created_on`;
}

test("a job exists if and only if the transaction that wrote it was committed", async () => {
  await database.db.transaction((tx) => enqueue(tx, "mail.send", data));
  const failing = database.db.transaction(async (tx) => {
    await enqueue(tx, "mail.send", data);
    throw new Error("changed our mind");
  });
  await expect(failing).rejects.toThrow("changed our mind");
  expect(await waiting()).toMatchObject([{ name: "mail.send", data }]);
});

test("a transaction of postgres.js serves as well as one of Drizzle", async () => {
  await database.sql.begin((tx) => enqueue(tx, "mail.send", data));
  expect(await waiting()).toHaveLength(1);
});

test("while a job with the same key waits, asking again writes nothing and says so", async () => {
  const both = await Promise.all(
    [1, 2].map(() => enqueue(database.db, "mail.send", data, { uniqueKey: "one" })),
  );
  expect(both.sort()).toEqual([false, true]);
  expect(await enqueue(database.db, "mail.send", data, { uniqueKey: "two" })).toBe(true);
  expect(await enqueue(database.db, "billing.sync", { customerId: "cus_1" }, { uniqueKey: "one" })).toBe(
    true,
  );
  expect(await waiting()).toHaveLength(3);
});

test("without a key every call writes a job", async () => {
  for (let count = 0; count < 3; count++) await enqueue(database.db, "mail.send", data);
  expect(await waiting()).toHaveLength(3);
});

test("a job can be put off, by seconds or until a moment", async () => {
  const later = new Date(Date.now() + 3_600_000);
  await enqueue(database.db, "mail.send", data, { startAfter: later });
  await enqueue(database.db, "mail.send", data, { startAfter: 3_600 });
  for (const job of await waiting())
    expect(Math.abs(Date.parse(job.startAfter) - later.getTime())).toBeLessThan(60_000);
});

test("at most one job with a key in a span of time, also when the first has ended", async () => {
  const options = { uniqueKey: "hourly", everySeconds: 86_400 };
  expect(await enqueue(database.db, "mail.send", data, options)).toBe(true);
  await database.sql`update pgboss.job set state = 'completed', completed_on = now()`;
  expect(await enqueue(database.db, "mail.send", data, options)).toBe(false);
});

test("writing a job is one statement", async () => {
  await enqueue(database.db, "mail.send", data);
  statements.length = 0;
  await enqueue(database.db, "mail.send", data);
  expect(statements).toHaveLength(1);
});

test("data that does not fit the job is refused before it is written", async () => {
  await expect(enqueue(database.db, "mail.send", { mailId: "no id" })).rejects.toThrow();
  expect(await waiting()).toEqual([]);
});
