import { migrate as applyMigrations } from "drizzle-orm/postgres-js/migrator";
import { applyFunctions } from "#db/apply-functions.ts";
import { connect } from "#db/client.ts";

/** The advisory lock under which one process at a time migrates; the number is arbitrary. */
export const migrationLockId = 7_203_114_226;

/**
 * Brings a database to the newest migration and applies the SQL functions of db/functions that have changed.
 * Processes that start at the same time wait for each other; later runs change nothing. The job queues:
 * lib/jobs/prepare-database.ts.
 * @param url the database's connection string
 */
export async function migrate(url: string): Promise<void> {
  const { sql, db } = connect(url, { max: 1 });
  try {
    await sql`select pg_advisory_lock(${migrationLockId})`;
    await applyMigrations(db, { migrationsFolder: migrationsFolder() });
    await applyFunctions(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Next.js bundles this file elsewhere, so the folder is found from the working directory. */
function migrationsFolder(): string {
  return `${process.cwd()}/drizzle`;
}
