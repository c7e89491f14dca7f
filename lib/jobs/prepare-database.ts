import { fileURLToPath } from "node:url";
import { migrate } from "#db/migrate.ts";
import { env } from "#lib/core/env.ts";
import { installQueues } from "#lib/core/queue.ts";
import { jobs } from "#lib/jobs/jobs.ts";

/**
 * Brings a database to the current release: migrations, SQL functions and job queues. Safe to run
 * concurrently and repeatedly.
 * @param url the database's URL
 */
export async function prepareDatabase(url: string): Promise<void> {
  await migrate(url);
  await installQueues(url, jobs);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await prepareDatabase(env().DATABASE_URL);
  process.stdout.write("The database is up to date.\n");
}
