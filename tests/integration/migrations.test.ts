import { readdirSync } from "node:fs";
import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#db/client.ts";
import { migrate } from "#db/migrate.ts";
import { rollBack } from "#db/roll-back.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";

let database: TestDatabase;
let owner: Sql;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = connect(database.ownerUrl, { max: 1 }).sql;
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

const sqlFilesIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".sql"));

/**
 * Everything in our schema, told in a way that can be compared: columns, constraints, indexes, functions,
 * triggers, types.
 */
async function describeSchema(sql: Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    select concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable, column_default, generation_expression) as line
      from information_schema.columns where table_schema = 'public'
    union all select concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
      from pg_constraint where connamespace = 'public'::regnamespace
    union all select concat_ws(' ', 'index', indexdef) from pg_indexes where schemaname = 'public'
    union all select concat_ws(' ', 'function', pg_get_functiondef(oid))
      from pg_proc where pronamespace = 'public'::regnamespace and prokind <> 'a'
    union all select concat_ws(' ', 'trigger', pg_get_triggerdef(oid)) from pg_trigger where not tgisinternal
      and tgrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
    union all select concat_ws(' ', 'type', typname, typtype)
      from pg_type where typnamespace = 'public'::regnamespace and typtype in ('e', 'd', 'r')
    order by line`;
  return rows.map((row) => row.line);
}

test("every migration has a down script with the same name", () => {
  expect(sqlFilesIn("drizzle/down")).toEqual(sqlFilesIn("drizzle"));
});

test("rolling back all migrations leaves nothing, and migrating again gives the same schema", async () => {
  const before = await describeSchema(owner);
  expect(before.length).toBeGreaterThan(100);
  const names = sqlFilesIn("drizzle").map((name) => name.replace(/\.sql$/, ""));
  expect(await rollBack(database.ownerUrl, names.length)).toEqual(names.reverse());
  expect(await describeSchema(owner)).toEqual([]);
  await migrate(database.ownerUrl);
  expect(await describeSchema(owner)).toEqual(before);
});

test("rolling back one migration and migrating again gives the same schema", async () => {
  const before = await describeSchema(owner);
  expect(await rollBack(database.ownerUrl, 1)).toHaveLength(1);
  await migrate(database.ownerUrl);
  expect(await describeSchema(owner)).toEqual(before);
});

test("concurrent processes migrate once", async () => {
  const before = await describeSchema(owner);
  await rollBack(database.ownerUrl, 1_000);
  await Promise.all([1, 2, 3].map(() => migrate(database.ownerUrl)));
  expect(await describeSchema(owner)).toEqual(before);
});

test("a changed SQL function is applied again, an unchanged one is not, and a deleted file drops nothing", async () => {
  await migrate(database.ownerUrl);
  const definition = async () => {
    const [row] = await owner<{ text: string }[]>`
      select pg_get_functiondef('lock_balance(uuid, boolean)'::regprocedure) as text`;
    return row?.text;
  };
  const before = await definition();
  await owner.unsafe(`create or replace function lock_balance(p_workspace uuid, p_waits boolean) returns boolean
    language sql as 'select false'`);
  await migrate(database.ownerUrl);
  expect(await definition()).not.toBe(before);
  await owner`update applied_functions set hash = 'older' where name = 'lock_balance'`;
  await owner`insert into applied_functions (name, hash, applied_at) values ('take_turn', 'older', now())`;
  await migrate(database.ownerUrl);
  expect(await definition()).toBe(before);
  const [state] = await owner`
    select to_regproc('take_turn') is not null as function,
      exists (select 1 from applied_functions where name = 'take_turn') as row`;
  expect(state).toEqual({ function: true, row: false });
});

test("the functions that the previous release calls exist beside the new ones", async () => {
  const signatures = [
    "begin_answers(jsonb, text[])",
    "start_generations(jsonb)",
    "end_generations(jsonb, timestamptz)",
    "hold_request(jsonb)",
    "take_hold(uuid, uuid, text, uuid, text, bigint, bigint, jsonb, timestamptz, timestamptz, jsonb, uuid, bigint)",
    "settle_hold(uuid, uuid, jsonb, timestamptz)",
    "end_unpaid(uuid, uuid, jsonb, timestamptz)",
    "record_call(uuid, uuid, text, jsonb, bigint, bigint, bigint, timestamptz)",
    "subscription_of(uuid, text[])",
    "take_back(uuid, text, bigint, text, timestamptz)",
  ];
  for (const signature of signatures) {
    const [row] = await owner`select to_regprocedure(${signature}) is not null as exists`;
    expect(row?.exists, signature).toBe(true);
  }
});
