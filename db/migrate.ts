import { fileURLToPath } from "node:url";
import { migrate as applyMigrations } from "drizzle-orm/postgres-js/migrator";
import { connect } from "#db/client.ts";
import { env } from "#lib/core/env.ts";
import { installQueues } from "#lib/core/queue.ts";

/** Any number that no other program uses: it names the lock under which one process at a time migrates. */
const lockId = 7_203_114_226;

/**
 * Brings a database to the newest migration, and the queue's tables with it. Any number of processes may start at once: an advisory lock lets one work
 * while the others wait, and a second run finds nothing to do.
 * @param url the database's address
 */
export async function migrate(url: string): Promise<void> {
  const { sql, db } = connect(url, { max: 1 });
  try {
    await sql`select pg_advisory_lock(${lockId})`;
    await applyMigrations(db, { migrationsFolder: migrationsFolder() });
    await installQueues(url);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Next.js bundles this file elsewhere, so the folder is found from where the process runs. */
function migrationsFolder(): string {
  return `${process.cwd()}/drizzle`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await migrate(env().DATABASE_URL);
  process.stdout.write("The database is at the newest migration.\n");
}
