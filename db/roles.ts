import type postgres from "postgres";
import { connect } from "#db/client.ts";
import { migrationLockId } from "#db/migrate.ts";

/** Tables to which the app may only add rows (S7); triggers also keep their owner from changing them. */
const appendOnlyTables = ["ledger_entries", "audit_log"];
/** Tables that only migrations write. */
const readOnlyTables = ["applied_functions"];

type Login = { role: string; password: string; database: string };

function readLogin(url: string): Login {
  const { username, password, pathname } = new URL(url);
  const login = {
    role: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
  };
  if (Object.values(login).includes(""))
    throw new Error("The database's URL must name a role, its password and a database.");
  return login;
}

/**
 * Creates the role of the migrations with its database, and the role of the app, by the names and passwords
 * of their URLs. Existing roles get these passwords, an existing database keeps its owner.
 * @param adminUrl of a role that may create roles and databases
 * @throws Error if both URLs name the same role or different databases
 */
export async function createRoles(adminUrl: string, urls: { migration: string; app: string }): Promise<void> {
  const owner = readLogin(urls.migration);
  const app = readLogin(urls.app);
  if (owner.role === app.role) throw new Error("The app and the migrations need different roles.");
  if (owner.database !== app.database) throw new Error("The app and the migrations need the same database.");
  const { sql } = connect(adminUrl, { max: 1 });
  try {
    await sql`select pg_advisory_lock(${migrationLockId})`;
    for (const login of [owner, app]) await createRole(sql, login);
    const [found] = await sql`select 1 from pg_database where datname = ${owner.database}`;
    if (found !== undefined) return;
    // Only a superuser may create a database for a role that it is no member of.
    const [admin] = await sql`select rolsuper as "isSuper" from pg_roles where rolname = current_user`;
    if (admin?.isSuper !== true) await sql`grant ${sql(owner.role)} to current_user`;
    await sql`create database ${sql(owner.database)} owner ${sql(owner.role)}`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Creates a role that may sign in and nothing else. */
async function createRole(sql: postgres.Sql, { role, password }: Login): Promise<void> {
  const [found] = await sql<{ isAdmin: boolean }[]>`
    select rolname = current_user as "isAdmin" from pg_roles where rolname = ${role}`;
  if (found?.isAdmin === true) return;
  const [statement] = await sql<{ text: string }[]>`
    select format(${found === undefined ? "create role %I login password %L" : "alter role %I login password %L"}::text,
      ${role}::text, ${password}::text) as text`;
  await sql.unsafe(statement?.text ?? "");
  // A pooler does not pass this setting of db/client.ts on.
  await sql`alter role ${sql(role)} set plan_cache_mode = 'force_generic_plan'`;
}

/**
 * Lets the app's role read and write rows, but own nothing, add to the ledger and the audit log only, and
 * only read what has been migrated. Called after every migration, because new tables need it too.
 * @param migrationUrl of the owner of all tables
 * @param appUrl of the app's role; nothing happens if it is the same
 * @param schemas the schemas that the app writes
 */
export async function grantToApp(migrationUrl: string, appUrl: string, schemas: string[]): Promise<void> {
  const { username } = new URL(appUrl);
  if (username === new URL(migrationUrl).username) return;
  const { sql } = connect(migrationUrl, { max: 1 });
  try {
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${migrationLockId})`;
      const app = tx(decodeURIComponent(username));
      for (const schema of schemas.map((name) => tx(name))) {
        await tx`grant usage on schema ${schema} to ${app}`;
        await tx`grant select, insert, update, delete on all tables in schema ${schema} to ${app}`;
        await tx`grant usage on all sequences in schema ${schema} to ${app}`;
      }
      await tx`revoke update, delete, truncate on ${tx(appendOnlyTables)} from ${app}`;
      await tx`revoke insert, update, delete, truncate on ${tx(readOnlyTables)} from ${app}`;
      await tx`grant usage on schema drizzle to ${app}`;
      await tx`grant select on all tables in schema drizzle to ${app}`;
    });
  } finally {
    await sql.end({ timeout: 5 });
  }
}
