import type { Sql } from "postgres";
import { inject } from "vitest";
import { connect, type Db, pointDatabaseAt } from "#db/client.ts";

export type TestDatabase = { url: string; sql: Sql; db: Db; drop: () => Promise<void> };

let count = 0;

/**
 * A migrated database of the test's own on the run's PostgreSQL, copied from the template in some 50 ms.
 * The process's `db()` and `sql()` point at it from now on. Call `drop` when done.
 * @param onStatement called with each statement sent, to count round trips
 */
export async function createTestDatabase(onStatement?: (text: string) => void): Promise<TestDatabase> {
  const { url: serverUrl, template } = inject("postgres");
  const name = `test_${process.pid}_${Date.now().toString(36)}_${count++}`;
  const admin = connect(serverUrl, { max: 1 }).sql;
  // Two copies of one template at once exclude each other, so they take turns.
  await admin`select pg_advisory_lock(415)`;
  await admin`create database ${admin(name)} template ${admin(template)}`;
  await admin.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const connection = connect(url.href, { max: 20, ...(onStatement && { onStatement }) });
  pointDatabaseAt(connection);
  return { url: url.href, ...connection, drop: () => dropDatabase(serverUrl, name, connection.sql) };
}

async function dropDatabase(serverUrl: string, name: string, sql: Sql): Promise<void> {
  await sql.end({ timeout: 5 });
  const admin = connect(serverUrl, { max: 1 }).sql;
  await admin`drop database if exists ${admin(name)} with (force)`;
  await admin.end();
}
