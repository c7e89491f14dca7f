import { execFileSync } from "node:child_process";
import { chown, mkdir, writeFile } from "node:fs/promises";
import { untilOutput } from "#sandbox/cluster/until-output.ts";
import { type GuardedProcess, startGuarded } from "#sandbox/guarded-process.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { chooseAccount, commandAs } from "#sandbox/postgres-account.ts";

/** The settings that compose.yaml gives its PgBouncer as environment variables too. */
export const pgbouncerSettings = {
  pool_mode: "transaction",
  auth_type: "scram-sha-256",
  max_client_conn: "1000",
  default_pool_size: "20",
  // PostgreSQL's names of settings that drivers send at the start and the app does not need.
  ignore_startup_parameters: "extra_float_digits",
};
/** From PgBouncer 1.21 on; compose.yaml uses it. */
export const preparedStatementSettings = { max_prepared_statements: "200" };

export type Pooler = {
  /** The URL of the app's role, through the pooler. */
  url: string;
  /** Whether this version tracks prepared statements in transaction mode. */
  preparesStatements: boolean;
  process: GuardedProcess;
};

/**
 * Starts PgBouncer in transaction mode.
 * @param appUrl the direct URL of the app's role
 * @param folder for its configuration, which contains the role's password
 */
export async function startPgbouncer(program: string, appUrl: string, folder: string): Promise<Pooler> {
  const { hostname, port: databasePort, username, password, pathname } = new URL(appUrl);
  const database = pathname.slice(1);
  const port = await findFreePort(6_432);
  const preparesStatements = readMinorVersion(program) >= 21;
  const settings = {
    ...pgbouncerSettings,
    ...(preparesStatements && preparedStatementSettings),
    listen_addr: "127.0.0.1",
    listen_port: String(port),
    unix_socket_dir: "",
    auth_file: `${folder}/userlist.txt`,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  const databases = `[databases]\n${database} = host=${hostname} port=${databasePort}\n`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = {
    [`${folder}/pgbouncer.ini`]: `${databases}\n[pgbouncer]\n${lines.join("")}`,
    [settings.auth_file]: `"${username}" "${decodeURIComponent(password)}"\n`,
  };
  for (const [path, text] of Object.entries(files)) await writeFile(path, text, { mode: 0o600 });
  // PgBouncer refuses to run as root.
  const account = chooseAccount(folder, folder);
  if (account.ids !== null)
    for (const path of [folder, ...Object.keys(files)]) await chown(path, account.ids.uid, account.ids.gid);
  const process = await untilOutput("PgBouncer", /process up/, (onLine) =>
    startGuarded({ ...commandAs(account, program, [`${folder}/pgbouncer.ini`]), cwd: "/", onLine }),
  );
  const url = Object.assign(new URL(appUrl), { hostname: "127.0.0.1", port: String(port) }).href;
  return { url, preparesStatements, process };
}

/** Returns 18 for PgBouncer 1.18. */
function readMinorVersion(program: string): number {
  const output = execFileSync(program, ["--version"], { encoding: "utf8" });
  return Number(/PgBouncer 1\.(\d+)/.exec(output)?.[1] ?? 0);
}
