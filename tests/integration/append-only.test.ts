import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { now } from "#lib/core/clock.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { newWorkspace } from "#tests/integration/usage/workspace.ts";

let database: TestDatabase;
let owner: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = connect(database.ownerUrl, { max: 1 }).sql;
  const workspaceId = await newWorkspace(database);
  const at = now();
  const grant = { kind: "manual" as const, amountMicros: 5, startsAt: at, sourceKey: "test" };
  await grantCredit(database.db, workspaceId, { ...grant, expiresAt: new Date(at.getTime() + 1_000) }, at);
  await recordAudit(
    database.db,
    { action: "api_key.created", actorUserId: null, workspaceId, target: "t" },
    at,
  );
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

const statementsFor = (table: string, change: string) => [
  `update ${table} set ${change}`,
  `delete from ${table}`,
  `truncate ${table} cascade`,
];

test.each([
  ["ledger_entries", "amount_micros = 0"],
  ["audit_log", "action = 'nothing'"],
])(
  "S7, M4: neither the app nor the owner can change, delete or truncate rows of %s",
  async (table, change) => {
    const count = async () => (await database.sql.unsafe(`select * from ${table}`)).length;
    const before = await count();
    expect(before).toBeGreaterThan(0);
    for (const statement of statementsFor(table, change)) {
      await expect(database.sql.unsafe(statement)).rejects.toThrow(`permission denied for table ${table}`);
      await expect(owner.unsafe(statement)).rejects.toThrow(`${table} is append-only`);
    }
    expect(await count()).toBe(before);
  },
);

test("S7: the app's role has no rights of an administrator and owns nothing", async () => {
  const [role] = await database.sql`
    select rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls as powerful
    from pg_roles where rolname = current_user`;
  expect(role?.powerful).toBe(false);
  const owned = await database.sql`
    select relname as name from pg_class where relowner = current_user::regrole
    union all select proname from pg_proc where proowner = current_user::regrole
    union all select nspname from pg_namespace where nspowner = current_user::regrole`;
  expect(owned).toEqual([]);
});

test.each([
  "create table public.mine (id int)",
  "create schema mine",
  "create or replace function public.lock_balance(p_workspace uuid, p_waits boolean) returns boolean language sql as 'select true'",
  "alter table ledger_entries disable trigger ledger_entries_append_only",
  "drop trigger audit_log_append_only on audit_log",
  "delete from drizzle.__drizzle_migrations",
  "delete from applied_functions",
  "set session_replication_role = replica",
  "set role parley_owner",
])("S7: the app's role cannot run: %s", async (statement) => {
  await expect(database.sql.unsafe(statement)).rejects.toThrow(/permission denied|must be owner/);
});

test("S7: the migrations' role is not a superuser", async () => {
  const [role] = await owner`select rolsuper as "isSuper" from pg_roles where rolname = current_user`;
  expect(role?.isSuper).toBe(false);
});
