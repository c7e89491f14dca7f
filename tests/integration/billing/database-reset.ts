import type { Sql } from "postgres";

/**
 * Prepares to empty a migrated database between tests. Rows that the migrations wrote, such as job queues,
 * stay.
 * @returns a function that deletes every other row, in one round trip
 */
export async function prepareDatabaseReset(sql: Sql): Promise<() => Promise<void>> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname in ('public', 'pgboss')`;
  const checks = tables.map(
    ({ name }) => `select '${name}' as name where not exists (select 1 from ${name})`,
  );
  const empty = await sql.unsafe<{ name: string }[]>(checks.join(" union all "));
  // As a replica, PostgreSQL skips the foreign keys and the triggers that make the ledger append-only.
  const statements = [
    "set local session_replication_role = replica",
    ...empty.map(({ name }) => `delete from ${name}`),
  ];
  return async () => {
    await sql.begin((tx) => tx.unsafe(statements.join("; ")));
  };
}
