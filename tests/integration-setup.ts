import type { TestProject } from "vitest/node";
import { startPostgres } from "#sandbox/postgres.ts";
import { createTemplate } from "#tests/template-database.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The URL of the run's PostgreSQL server. */
    postgres: string;
  }
}

/** Starts one PostgreSQL for the run, with a migrated template that each test file copies. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres({ ephemeral: true });
  await createTemplate(server.url);
  project.provide("postgres", server.url);
  return () => server.stop();
}
