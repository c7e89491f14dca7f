import { existsSync } from "node:fs";
import { env as environment, execPath, exit, loadEnvFile, on, stdout } from "node:process";
import { fileURLToPath } from "node:url";
import { type GuardedProcess, startGuarded } from "#sandbox/guarded-process.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { startWorld, type World } from "#sandbox/start-world.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const startedAt = performance.now();
let world: World | undefined;
let app: GuardedProcess | undefined;
let stopping = false;

function say(line: string): void {
  stdout.write(`${line}\n`);
}

function seconds(): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

/** Ends everything, once; asked a second time, at once. */
async function stop(code: number): Promise<void> {
  if (stopping) {
    app?.kill();
    exit(code);
  }
  stopping = true;
  say("\nStopping ...");
  await app?.stop();
  await world?.stop();
  say("Everything has stopped. The data is kept in .data.");
  exit(code);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) on(signal, () => void stop(0));
on("disconnect", () => void stop(0));

/** Runs one of our programs to its end and shows what it says only when it fails. */
async function run(what: string, path: string, appEnv: Record<string, string>): Promise<void> {
  const lines: string[] = [];
  const from = performance.now();
  const child = startGuarded({
    command: execPath,
    args: [`${root}${path}`],
    cwd: root,
    env: { ...environment, ...appEnv },
    onLine: (line) => lines.push(line),
  });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`${what} failed:\n${lines.join("\n")}`);
  say(`${what} (${Math.round(performance.now() - from)} ms)`);
}

function startApp(port: number, appEnv: Record<string, string>): GuardedProcess {
  return startGuarded({
    command: execPath,
    args: [`${root}node_modules/next/dist/bin/next`, "dev", "--port", String(port)],
    cwd: root,
    env: { ...environment, ...appEnv, NODE_ENV: "development", NEXT_TELEMETRY_DISABLED: "1" },
    onLine: (line) => {
      // Next's own banner names only its port; the addresses are printed together below.
      if (line.trim() !== "" && !/▲ Next|Local:|Network:|Ready in/.test(line)) say(line);
    },
  });
}

/** Waits until the app says that database, migrations and worker are there. */
async function untilReady(url: string): Promise<void> {
  const until = Date.now() + 120_000;
  while (Date.now() < until && !stopping) {
    const answer = await fetch(`${url}/api/ready`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("The app was not ready within two minutes; what it said is above.");
}

async function start(): Promise<void> {
  if (existsSync(`${root}.env`)) loadEnvFile(`${root}.env`);
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const port = await findFreePort(Number(environment.PORT ?? 3000));
  const url = environment.APP_URL ?? `http://localhost:${port}`;
  say("Starting Parley");
  world = await startWorld({
    dataDir: `${root}.data`,
    appUrl: url,
    given,
    ports: { postgres: 54329, stripe: 12111, openai: 12112, smtp: 1025, mail: 1080 },
    report: say,
  });
  void world.broken.then(({ part, exit: { code, signal } }) => {
    if (stopping) return;
    say(`${part} ended unexpectedly (${signal ?? code}).`);
    void stop(1);
  });
  const appEnv = { APP_ENV: "local", ...world.env };
  await run("The database is at the newest migration", "db/migrate.ts", appEnv);
  app = startApp(port, appEnv);
  void app.exited.then(({ code }) => (stopping ? undefined : stop(code ?? 1)));
  if (world.env.STRIPE_API_BASE !== undefined)
    await run("Plans are known to Stripe", "lib/billing/sync-catalogue.ts", appEnv);
  await run("People, conversations and weeks of usage are seeded", "db/seed.ts", appEnv);
  await untilReady(`http://localhost:${port}`);
  printAddresses(url, world.pages);
}

function printAddresses(url: string, pages: World["pages"]): void {
  say(`\nParley is ready (${seconds()}).\n`);
  for (const page of [{ name: "App", url }, ...pages]) say(`  ${page.name.padEnd(16)}${page.url}`);
  say("\n  Sign in as        ada@parley.example       Pro");
  say("                    free@parley.example      Free");
  say("                    empty@parley.example     Free, used up");
  say("                    operator@parley.example  operator");
  say("  with password     parley-sandbox");
  say("\n  Ctrl-C stops everything; the data is kept.\n");
}

start().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  void stop(1);
});
