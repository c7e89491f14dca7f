import { readdirSync } from "node:fs";
import { is } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const files = readdirSync("db/schema");
const modules = await Promise.all(files.map((name) => import(`#db/schema/${name}`)));
const tables = modules
  .flatMap((module) => Object.values<unknown>(module))
  .filter((value) => is(value, PgTable));
const configs = tables.map((table) => getTableConfig(table));

test("the schema has the columns of the migrated database, with their types and nullability", async () => {
  const rows = await database.sql<{ line: string }[]>`
    select concat_ws(' ', relname, attname, format_type(atttypid, atttypmod), attnotnull) as line
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where attnum > 0 and not attisdropped and relnamespace = 'public'::regnamespace and relkind = 'r'`;
  const aliases: Record<string, string> = { "timestamp (3) with time zone": "timestamp(3) with time zone" };
  const described = configs.flatMap(({ name, columns }) =>
    columns.map((column) => {
      const type = column.getSQLType();
      return `${name} ${column.name} ${aliases[type] ?? type} ${column.notNull ? "t" : "f"}`;
    }),
  );
  const names = new Set(configs.map(({ name }) => name));
  const actual = rows.map(({ line }) => line).filter((line) => names.has(line.split(" ")[0] ?? ""));
  expect(described.sort()).toEqual(actual.sort());
});

test("the schema has the foreign keys of the migrated database", async () => {
  const rows = await database.sql<{ line: string }[]>`
    select concat_ws(' ', conrelid::regclass, '->', confrelid::regclass, array_to_string(array(
      select attname from unnest(confkey) with ordinality as key (number, place)
      join pg_attribute on attrelid = confrelid and attnum = number order by place), ',')) as line
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace`;
  const described = configs.flatMap(({ name, foreignKeys }) =>
    foreignKeys.map((key) => {
      const { foreignTable, foreignColumns } = key.reference();
      const columns = foreignColumns.map((column) => column.name).join(",");
      return `${name} -> ${getTableConfig(foreignTable).name} ${columns}`;
    }),
  );
  expect(described.sort()).toEqual(rows.map(({ line }) => line).sort());
});
