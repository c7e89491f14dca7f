import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import postgres from "postgres";
import { createRoles } from "#db/roles.ts";
import { type Exit, type GuardedProcess, startGuarded } from "./guarded-process.ts";
import { findFreePort } from "./ports.ts";
import { type Account, chooseAccount, commandAs } from "./postgres-account.ts";
import {
  type Binaries,
  findBinaries,
  initializeCluster,
  plainLocale,
  readPassword,
} from "./postgres-cluster.ts";
import { clearStaleLock } from "./postgres-lock.ts";

export type RunningPostgres = {
  /** The URL of the database `parley` for its owner, a superuser. */
  url: string;
  /** The URL for the role of the app, which `prepareDatabase` gives its rights. */
  appUrl: string;
  port: number;
  exited: Promise<Exit>;
  /** Closes all connections and stops the server; an ephemeral server's data is deleted. */
  stop: () => Promise<void>;
};

type PostgresOptions = {
  /** The data directory; an ephemeral server uses a temporary folder. */
  dataDir?: string;
  /** The preferred port; the next free port is used if it is taken. */
  port?: number;
  /** For tests: no fsync, and the data is deleted at the end. */
  ephemeral?: boolean;
};

/**
 * Starts PostgreSQL on loopback, creates cluster and database if missing, and resolves when it accepts
 * connections.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const { ephemeral = false } = options;
  const home = ephemeral ? await makeHome() : null;
  const dataDir = resolve(home ? join(home, "data") : (options.dataDir ?? ".data/postgres"));
  try {
    const server = await startServer(dataDir, options.port ?? (ephemeral ? 0 : 54_329), ephemeral);
    return {
      ...server,
      stop: async () => {
        await server.stop();
        if (home) await rm(home, { recursive: true, force: true });
      },
    };
  } catch (error) {
    if (home) await rm(home, { recursive: true, force: true });
    throw error;
  }
}

async function makeHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "parley-postgres-"));
  // The server's user must be able to enter; the data itself is private.
  await chmod(home, 0o711);
  return home;
}

async function startServer(
  dataDir: string,
  preferredPort: number,
  ephemeral: boolean,
): Promise<RunningPostgres> {
  const binaries = await findBinaries();
  await mkdir(dirname(dataDir), { recursive: true });
  const account = chooseAccount(dataDir, dirname(binaries.postgres));
  if (existsSync(dataDir)) await checkCluster(dataDir);
  else await initializeCluster(dataDir, account, binaries);
  await clearStaleLock(dataDir);
  const { server, port } = await launch(dataDir, account, binaries, preferredPort, ephemeral);
  try {
    const password = await readPassword(dataDir);
    const urlOf = (database: string) => `postgres://parley:${password}@127.0.0.1:${port}/${database}`;
    await createDatabase(urlOf("postgres"), "parley");
    const urls = { url: urlOf("parley"), appUrl: await createAppRole(urlOf("parley")) };
    return { ...urls, port, exited: server.exited, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function checkCluster(dataDir: string): Promise<void> {
  const version = await readFile(join(dataDir, "PG_VERSION"), "utf8").catch(
    (error: NodeJS.ErrnoException) => {
      const why = error.code === "EACCES" ? "belongs to another user" : "holds no PostgreSQL data";
      throw new Error(`${dataDir} ${why}. Move it away, or set DATABASE_URL.`);
    },
  );
  if (version.trim() !== "18") {
    throw new Error(
      `${dataDir} was written by PostgreSQL ${version.trim()}, and this is 18. Move it away to start anew.`,
    );
  }
}

/**
 * Retries: another program can take the port, and children of a killed server can hold its shared memory
 * briefly.
 */
async function launch(
  dataDir: string,
  account: Account,
  binaries: Binaries,
  preferredPort: number,
  ephemeral: boolean,
) {
  let port = await findFreePort(preferredPort);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { server: await launchOnce(dataDir, account, binaries, port, ephemeral), port };
    } catch (error) {
      const reason = error instanceof Error ? error.message : "";
      if (attempt >= 10 || !/Address already in use|shared memory block .* is still in use/s.test(reason))
        throw error;
      await new Promise((done) => setTimeout(done, 200));
      port = await findFreePort(reason.includes("Address already in use") && port > 0 ? port + 1 : port);
    }
  }
}

async function launchOnce(
  dataDir: string,
  account: Account,
  binaries: Binaries,
  port: number,
  ephemeral: boolean,
): Promise<GuardedProcess> {
  const settings = { ...alwaysSet, ...(ephemeral && ephemeralSettings), port: String(port) };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const lastLines: string[] = [];
  const ready = Promise.withResolvers<void>();
  const server = startGuarded({
    ...commandAs(account, binaries.postgres, ["-D", dataDir, ...flags]),
    cwd: "/",
    env: { ...process.env, ...plainLocale, PGDATA: undefined },
    // PostgreSQL's "fast shutdown": it ends the connections and writes a checkpoint.
    stopSignal: "INT",
    onLine(line) {
      lastLines.push(line);
      if (lastLines.length > 40) lastLines.shift();
      if (line.includes("database system is ready to accept connections")) ready.resolve();
    },
  });
  server.exited.then(
    ({ code }) => ready.reject(new Error(`PostgreSQL ended (code ${code}):\n${lastLines.join("\n")}`)),
    ready.reject,
  );
  await ready.promise;
  return server;
}

const alwaysSet = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  timezone: "UTC",
  log_timezone: "UTC",
  max_connections: "300",
  // Keep the log for the reason of a failed start; query errors are returned to the client.
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_checkpoints: "off",
};

const ephemeralSettings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
};

/** Creates the app's role, whose password follows from the owner's. Returns its URL. */
async function createAppRole(ownerUrl: string): Promise<string> {
  const url = new URL(ownerUrl);
  url.password = createHash("sha256").update(`app ${url.password}`).digest("base64url");
  url.username = "parley_app";
  await createRoles(ownerUrl, { migration: ownerUrl, app: url.href });
  return url.href;
}

async function createDatabase(url: string, name: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const found = await sql`select 1 from pg_database where datname = ${name}`;
    if (found.length === 0) await sql`create database ${sql(name)}`;
  } finally {
    await sql.end();
  }
}
