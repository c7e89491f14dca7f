import { connect } from "#db/client.ts";
import { createRoles } from "#db/roles.ts";
import { prepareDatabase } from "#lib/jobs/prepare-database.ts";

const templateName = "parley_template";
const ownerRole = "parley_owner";
const appRole = "parley_app";
/** Advisory lock key: PostgreSQL refuses to copy a template while another copy of it runs. */
const copyLockKey = 415;

/** The URLs of one database for the app, for the owner of its tables, and for a superuser. */
export type DatabaseUrls = { app: string; owner: string; admin: string };

/** Creates the migrated database that `copyTemplate` copies. @param serverUrl a fresh server's superuser */
export async function createTemplate(serverUrl: string): Promise<void> {
  const { app, owner } = urlsOf(serverUrl, templateName);
  await createRoles(serverUrl, { migration: owner, app });
  await prepareDatabase(owner, app);
}

/** Creates a migrated database by copying the template. */
export async function copyTemplate(serverUrl: string, name: string): Promise<DatabaseUrls> {
  const { sql } = connect(serverUrl, { max: 1 });
  await sql`select pg_advisory_lock(${copyLockKey})`;
  // Copying files takes a third of the time of the default, which writes every page to the log.
  await sql`create database ${sql(name)} template ${sql(templateName)} strategy file_copy owner ${sql(ownerRole)}`;
  await sql.end();
  return urlsOf(serverUrl, name);
}

function urlsOf(serverUrl: string, database: string): DatabaseUrls {
  const urlOf = (role: string) => {
    const url = new URL(serverUrl);
    Object.assign(url, { pathname: `/${database}`, ...(role !== "" && { username: role, password: role }) });
    return url.href;
  };
  return { app: urlOf(appRole), owner: urlOf(ownerRole), admin: urlOf("") };
}
