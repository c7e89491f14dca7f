import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { findFreePort } from "#sandbox/ports.ts";
import { type RunningPostgres, startPostgres } from "#sandbox/postgres.ts";

let home: string;
let dataDir: string;
const running: RunningPostgres[] = [];

/** One set of data for all tests: making it anew is what takes the time. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "parley-postgres-test-"));
  await chmod(home, 0o755);
  dataDir = join(home, "postgres");
  // What a first start leaves that was interrupted.
  await mkdir(`${dataDir}.new`);
  await writeFile(join(`${dataDir}.new`, "PG_VERSION"), "18\n");
  await (await startPostgres({ dataDir, port: 0 })).stop();
}, 120_000);
afterEach(() => Promise.all(running.splice(0).map((server) => server.stop())));
afterAll(() => rm(home, { recursive: true }));

async function start(): Promise<RunningPostgres> {
  const server = await startPostgres({ dataDir, port: 0 });
  running.push(server);
  return server;
}

async function query<T extends object>(url: string, text: string): Promise<T[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return await sql.unsafe<T[]>(text);
  } finally {
    await sql.end();
  }
}

const postmasterPid = async () =>
  Number((await readFile(join(dataDir, "postmaster.pid"), "utf8")).split("\n")[0]);

test("the server uses UTF-8 and UTC, listens on loopback only and requires a password", async () => {
  const { url } = await start();
  const [settings] = await query(
    url,
    `select current_database() as database, current_setting('server_encoding') as encoding, current_setting('TimeZone') as zone,
       current_setting('listen_addresses') as listens, upper('ñandú') as upper`,
  );
  expect(settings).toEqual({
    database: "parley",
    encoding: "UTF8",
    zone: "UTC",
    listens: "127.0.0.1",
    upper: "ÑANDÚ",
  });
  const wrongUrl = new URL(url);
  wrongUrl.password = "guessed";
  await expect(query(wrongUrl.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
});

test("the next start ignores the files of an interrupted first start", async () => {
  const { url } = await start();
  expect(await query(url, "select 1 as one")).toEqual([{ one: 1 }]);
  expect(existsSync(`${dataDir}.new`)).toBe(false);
});

test("data survives a restart", async () => {
  const first = await start();
  await query(first.url, "create table kept as select 42 as answer");
  await first.stop();
  const { url } = await start();
  expect(await query(url, "select answer from kept")).toEqual([{ answer: 42 }]);
});

test("the server uses a free port if the given one is taken", async () => {
  const taken = createServer().listen(await findFreePort(54_000), "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const server = await startPostgres({ dataDir, port });
  running.push(server);
  expect(server.port).toBeGreaterThan(port);
  expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
  taken.close();
});

test("a killed server restarts with all committed data", async () => {
  const first = await start();
  await query(first.url, "create table killed as select 42 as answer");
  process.kill(await postmasterPid(), "SIGKILL");
  await first.exited;
  const { url } = await start();
  expect(await query(url, "select answer from killed")).toEqual([{ answer: 42 }]);
});

test("a stale lock file with the process id of another program does not prevent a start", async () => {
  const first = await start();
  const lock = await readFile(join(dataDir, "postmaster.pid"), "utf8");
  process.kill(await postmasterPid(), "SIGKILL");
  await first.exited;
  const innocent = spawn("sleep", ["600"], await stat(dataDir));
  await writeFile(join(dataDir, "postmaster.pid"), lock.replace(/^\d+/, String(innocent.pid)));
  const { url } = await start();
  expect(await query(url, "select 1 as one")).toEqual([{ one: 1 }]);
  innocent.kill();
});

test("starting on the data of a running server fails with a clear message", async () => {
  await start();
  await expect(startPostgres({ dataDir, port: 0 })).rejects.toThrow(/is in use/);
});

test("the server stops when its parent process is killed", async () => {
  const program = `
    import { startPostgres } from "#sandbox/postgres.ts";
    const { port } = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, port: 0 });
    console.log(port);
    setInterval(() => {}, 1000);`;
  const starter = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(createInterface({ input: starter.stdout }), "line");
  const pid = await postmasterPid();
  starter.kill("SIGKILL");
  await expect.poll(() => existsSync(join(dataDir, "postmaster.pid")), { timeout: 10_000 }).toBe(false);
  // The file goes a moment before the process does.
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

test.runIf(process.getuid?.() === 0)("root's own closed folders hold data as any other", async () => {
  await chmod(home, 0o700);
  const { url } = await start();
  expect(await query(url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("an ephemeral server deletes its data", async () => {
  const server = await startPostgres({ ephemeral: true });
  const [{ folder } = { folder: "" }] = await query<{ folder: string }>(
    server.url,
    "select current_setting('data_directory') as folder",
  );
  expect(existsSync(folder)).toBe(true);
  await server.stop();
  expect(existsSync(join(folder, ".."))).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
