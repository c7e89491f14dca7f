import type { TestProject } from "vitest/node";
import { connect } from "#db/client.ts";
import { migrate } from "#db/migrate.ts";
import { startPostgres } from "#sandbox/postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The run's PostgreSQL server, and the name of the migrated database to copy. */
    postgres: { url: string; template: string };
  }
}

const templateName = "parley_template";

/** One real PostgreSQL for the run, with a migrated template that each test file copies. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres({ ephemeral: true });
  await createTemplate(server.url);
  project.provide("postgres", { url: server.url, template: templateName });
  return () => server.stop();
}

async function createTemplate(url: string): Promise<void> {
  const { sql } = connect(url, { max: 1 });
  await sql`create database ${sql(templateName)}`;
  await sql.end();
  await migrate(withDatabase(url, templateName));
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
