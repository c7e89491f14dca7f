import { connect } from "#db/client.ts";
import { prepareDatabase } from "#lib/jobs/prepare-database.ts";

/** The migrated database that others are copied from. */
const templateName = "parley_template";
/** Two copies of one template at once exclude each other, so they take turns. */
const turnKey = 415;

/** Makes, on a fresh server, the migrated database that `copyTemplate` copies. */
export async function createTemplate(serverUrl: string): Promise<void> {
  const { sql } = connect(serverUrl, { max: 1 });
  await sql`create database ${sql(templateName)}`;
  await sql.end();
  await prepareDatabase(addressOf(serverUrl, templateName));
}

/** A migrated database of its own, in some 50 ms. @returns its address */
export async function copyTemplate(serverUrl: string, name: string): Promise<string> {
  const { sql } = connect(serverUrl, { max: 1 });
  await sql`select pg_advisory_lock(${turnKey})`;
  await sql`create database ${sql(name)} template ${sql(templateName)}`;
  await sql.end();
  return addressOf(serverUrl, name);
}

function addressOf(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
