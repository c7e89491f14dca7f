import { readdirSync } from "node:fs";
import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "#db/migrate.ts";
import { rollBack } from "#db/roll-back.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const sqlFilesIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".sql"));

/** Everything in our schema, told in a way that can be compared: columns, constraints, indexes, functions, triggers, types. */
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

test("every migration has its way back, under the same name", () => {
  expect(sqlFilesIn("drizzle/down")).toEqual(sqlFilesIn("drizzle"));
});

test("all the way back leaves nothing, and forth again gives the same schema", async () => {
  const before = await describeSchema(database.sql);
  expect(before.length).toBeGreaterThan(100);
  const names = sqlFilesIn("drizzle").map((name) => name.replace(/\.sql$/, ""));
  expect(await rollBack(database.url, names.length)).toEqual(names.reverse());
  expect(await describeSchema(database.sql)).toEqual([]);
  await migrate(database.url);
  expect(await describeSchema(database.sql)).toEqual(before);
});

test("one step back and forth gives the same schema", async () => {
  const before = await describeSchema(database.sql);
  expect(await rollBack(database.url, 1)).toHaveLength(1);
  await migrate(database.url);
  expect(await describeSchema(database.sql)).toEqual(before);
});

test("many processes may migrate at once, and again", async () => {
  const before = await describeSchema(database.sql);
  await rollBack(database.url, 1_000);
  await Promise.all([1, 2, 3].map(() => migrate(database.url)));
  expect(await describeSchema(database.sql)).toEqual(before);
});
