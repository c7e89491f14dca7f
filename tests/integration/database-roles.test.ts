import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connect } from "#db/client.ts";
import { createRoles } from "#db/roles.ts";
import { rollBack } from "#db/roll-back.ts";
import { prepareDatabase } from "#lib/jobs/prepare-database.ts";
import { prepareProcess } from "#lib/jobs/prepare-process.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Returns a URL of the same server with other parts. */
function urlWith(url: string, parts: { username?: string; password?: string; pathname?: string }): string {
  return Object.assign(new URL(url), parts).href;
}

/** Returns the role that a URL signs in as. */
async function signInWith(url: string): Promise<string> {
  const { sql } = connect(url, { max: 1 });
  try {
    const [row] = await sql<{ role: string }[]>`select current_user::text as role`;
    return row?.role ?? "";
  } finally {
    await sql.end();
  }
}

test("an administrator that is no superuser creates both roles and the database, and again with new passwords", async () => {
  const suffix = `${process.pid}_${Date.now()}`;
  const name = `roles_${suffix}`;
  const { sql } = connect(database.adminUrl, { max: 1 });
  await sql`create role ${sql(`admin_${suffix}`)} login password 'admin' createdb createrole`;
  const admin = urlWith(database.adminUrl, { username: `admin_${suffix}`, password: "admin" });
  const pathname = `/${name}`;
  const owner = urlWith(database.url, { username: `owner_${suffix}`, password: 'it\'s "one"', pathname });
  const app = urlWith(database.url, { username: `app_${suffix}`, password: "two", pathname });
  await createRoles(admin, { migration: owner, app });
  await prepareDatabase(owner, app);
  expect([await signInWith(owner), await signInWith(app)]).toEqual([`owner_${suffix}`, `app_${suffix}`]);

  const renewed = urlWith(app, { password: "three" });
  await createRoles(admin, { migration: owner, app: renewed });
  expect(await signInWith(renewed)).toBe(`app_${suffix}`);
  await expect(signInWith(app)).rejects.toThrow(/authentication failed/);

  await sql`drop database ${sql(name)} with (force)`;
  for (const role of ["app", "owner", "admin"]) {
    await sql`drop owned by ${sql(`${role}_${suffix}`)}`;
    await sql`drop role ${sql(`${role}_${suffix}`)}`;
  }
  await sql.end();
});

test("the app and the migrations cannot share a role or use two databases", async () => {
  const { url, ownerUrl, adminUrl } = database;
  await expect(createRoles(adminUrl, { migration: url, app: url })).rejects.toThrow(/different roles/);
  const other = urlWith(url, { pathname: "/other" });
  await expect(createRoles(adminUrl, { migration: ownerUrl, app: other })).rejects.toThrow(/same database/);
});

test("a table that a migration adds is writable for the app after prepareDatabase", async () => {
  const owner = connect(database.ownerUrl, { max: 1 }).sql;
  await owner`create table added_later (id int)`;
  await expect(database.sql`insert into added_later values (1)`).rejects.toThrow(/permission denied/);
  await prepareDatabase(database.ownerUrl, database.url);
  await database.sql`insert into added_later values (1)`;
  await owner`drop table added_later`;
  await owner.end();
});

test("a process that may not migrate refuses to start before the migrations have run", async () => {
  const environment = { ...testEnvironment, DATABASE_URL: database.url, MIGRATE_AT_START: "off" };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  await prepareProcess();
  await rollBack(database.ownerUrl, 1);
  await expect(prepareProcess()).rejects.toThrow("1 not applied. Run npm run migrate");
  await prepareDatabase(database.ownerUrl, database.url);
  await prepareProcess();
});
