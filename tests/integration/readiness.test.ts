import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connect, pointDatabaseAt } from "#db/client.ts";
import { readReadiness } from "#lib/jobs/readiness.ts";
import { startWorker } from "#lib/jobs/worker.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

test("the process is ready while a worker runs, and not after it stopped", async () => {
  expect(await readReadiness()).toMatchObject({
    ready: false,
    database: "ok",
    migrations: "ok",
    worker: "none is alive",
  });
  const worker = await startWorker({ connectionString: database.url, intervalTasks: {} });
  await vi.waitFor(async () => {
    expect(await readReadiness()).toEqual({ ready: true, database: "ok", migrations: "ok", worker: "ok" });
  });
  await database.sql`update pgboss.instance set heartbeat_on = now() - interval '5 minutes'`;
  expect(await readReadiness()).toMatchObject({ ready: false, worker: "none is alive" });
  await worker.stop();
});

test("a missing migration is reported", async () => {
  const owner = connect(database.ownerUrl, { max: 1 }).sql;
  await owner`delete from drizzle.__drizzle_migrations
    where created_at = (select max(created_at) from drizzle.__drizzle_migrations)`;
  await owner.end();
  expect(await readReadiness()).toMatchObject({ ready: false, migrations: "1 not applied" });
});

test("an unreachable database is reported within seconds without an exception", async () => {
  const nowhere = connect("postgres://nobody@127.0.0.1:1/nothing", { max: 1 });
  pointDatabaseAt(nowhere);
  expect(await readReadiness()).toMatchObject({ ready: false, database: "unreachable" });
  await nowhere.sql.end();
});
