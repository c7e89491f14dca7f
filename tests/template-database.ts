import { connect } from "#db/client.ts";
import { prepareDatabase } from "#lib/jobs/prepare-database.ts";

const templateName = "parley_template";
/** Advisory lock key: PostgreSQL refuses to copy a template while another copy of it runs. */
const copyLockKey = 415;

/** Creates the migrated database that `copyTemplate` copies. @param serverUrl a fresh server */
export async function createTemplate(serverUrl: string): Promise<void> {
  const { sql } = connect(serverUrl, { max: 1 });
  await sql`create database ${sql(templateName)}`;
  await sql.end();
  await prepareDatabase(databaseUrl(serverUrl, templateName));
}

/** Creates a migrated database by copying the template. @returns its URL */
export async function copyTemplate(serverUrl: string, name: string): Promise<string> {
  const { sql } = connect(serverUrl, { max: 1 });
  await sql`select pg_advisory_lock(${copyLockKey})`;
  // Copying files takes a third of the time of the default, which writes every page to the log.
  await sql`create database ${sql(name)} template ${sql(templateName)} strategy file_copy`;
  await sql.end();
  return databaseUrl(serverUrl, name);
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
