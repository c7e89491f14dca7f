import { fileURLToPath } from "node:url";
import { migrate } from "#db/migrate.ts";
import { grantToApp } from "#db/roles.ts";
import { databaseUrls } from "#lib/core/env.ts";
import { installQueues, queueSchema } from "#lib/core/queue.ts";
import { jobs } from "#lib/jobs/jobs.ts";

/**
 * Brings a database to the current release: migrations, SQL functions, job queues, and the rights of the
 * app's role. Safe to run concurrently and repeatedly.
 * @param migrationUrl of the role that owns the tables
 * @param appUrl of the role that the app connects as
 */
export async function prepareDatabase(migrationUrl: string, appUrl = migrationUrl): Promise<void> {
  await migrate(migrationUrl);
  await installQueues(migrationUrl, jobs);
  await grantToApp(migrationUrl, appUrl, ["public", queueSchema]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { migration, app } = databaseUrls();
  await prepareDatabase(migration, app);
  process.stdout.write("The database is up to date.\n");
}
