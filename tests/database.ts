import type { Sql } from "postgres";
import { inject } from "vitest";
import { connect, type Db, pointDatabaseAt } from "#db/client.ts";
import { copyTemplate } from "#tests/template-database.ts";

export type TestDatabase = {
  /** Of the app's role; `sql` and `db` use it. */
  url: string;
  /** Of the role that owns the tables. */
  ownerUrl: string;
  /** Of a superuser. */
  adminUrl: string;
  sql: Sql;
  db: Db;
  drop: () => Promise<void>;
};

let count = 0;

/**
 * Creates a migrated database on the run's PostgreSQL and points the process's `db()` and `sql()` at it. The
 * caller calls `drop` at the end.
 * @param onStatement called with each statement sent, to count round trips
 */
export async function createTestDatabase(onStatement?: (text: string) => void): Promise<TestDatabase> {
  const serverUrl = inject("postgres");
  const name = `test_${process.pid}_${Date.now().toString(36)}_${count++}`;
  const { app: url, owner: ownerUrl, admin: adminUrl } = await copyTemplate(serverUrl, name);
  const connection = connect(url, { max: 20, ...(onStatement && { onStatement }) });
  pointDatabaseAt(connection);
  const urls = { url, ownerUrl, adminUrl };
  return { ...urls, ...connection, drop: () => dropDatabase(serverUrl, name, connection.sql) };
}

async function dropDatabase(serverUrl: string, name: string, sql: Sql): Promise<void> {
  await sql.end({ timeout: 5 });
  const admin = connect(serverUrl, { max: 1 }).sql;
  await admin`drop database if exists ${admin(name)} with (force)`;
  await admin.end();
}
