import { existsSync, rmSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isPrinted } from "#sandbox/dev-output.ts";
import { type GuardedProcess, startGuarded } from "#sandbox/guarded-process.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { type SandboxServices, startSandboxServices } from "#sandbox/start-services.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const startedAt = performance.now();
let worldStarting: Promise<SandboxServices> | undefined;
let app: GuardedProcess | undefined;
let stoppedAt: number | undefined;
let hasAnswered = false;

const print = (line: string) => void process.stdout.write(`${line}\n`);

async function start(): Promise<void> {
  if (existsSync(`${root}.env`)) process.loadEnvFile(`${root}.env`);
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ""));
  const port = await findFreePort(Number(given.PORT ?? 3000));
  const url = given.APP_URL ?? `http://localhost:${port}`;
  print("Starting Parley");
  const isFirstStart = !existsSync(`${root}.data/postgres`);
  worldStarting = startSandboxServices({
    dataDir: `${root}.data`,
    appUrl: url,
    given,
    ports: { postgres: 54_329, stripe: 12_111, openai: 12_112, smtp: 1025, mail: 1080 },
    report: print,
  });
  const world = await worldStarting;
  void world.broken.then(({ part, exit: { code, signal } }) => {
    if (stoppedAt === undefined) print(`${part} ended unexpectedly (${signal ?? code}).`);
    void stop(1);
  });
  const appEnv: Record<string, string> = {
    APP_ENV: "local",
    LOG_LEVEL: given.LOG_LEVEL ?? "warn",
    ...world.env,
  };
  await run("Database migrated", "lib/jobs/prepare-database.ts", appEnv);
  keepApp(port, appEnv, "may try again");
  // Compile the first page early: while existing data is checked, or before the demo data is written.
  const firstPage = untilOk(`http://localhost:${port}/`);
  firstPage.catch(() => {});
  if (isFirstStart) {
    await firstPage;
    print(`First page ready at ${url} (${secondsSinceStart()} s)`);
  }
  if (appEnv.STRIPE_API_BASE !== undefined)
    await run("Plans synced to Stripe", "lib/billing/catalog/sync-catalog.ts", appEnv);
  await run("Demo data seeded", "sandbox/seed/main.ts", appEnv);
  await firstPage;
  await untilOk(`http://localhost:${port}/api/ready`);
  hasAnswered = true;
  printAddresses(url, world.pages);
}

function secondsSinceStart(): string {
  return ((performance.now() - startedAt) / 1_000).toFixed(1);
}

/** Runs a program to completion and shows its output only if it fails. */
async function run(what: string, path: string, appEnv: Record<string, string>): Promise<void> {
  const lines: string[] = [];
  const from = performance.now();
  const child = startGuarded({
    command: process.execPath,
    args: [`${root}${path}`],
    cwd: root,
    env: { ...process.env, ...appEnv },
    onLine: (line) => lines.push(line),
  });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`${path} failed:\n${lines.join("\n")}`);
  print(`${what} (${Math.round(performance.now() - from)} ms)`);
}

/**
 * Starts the app and stops everything when it exits. An app that exits before its first response may have
 * read a corrupt build cache (after a power cut or kill -9), so it is restarted once without the cache.
 */
function keepApp(port: number, appEnv: Record<string, string>, chance: "may try again" | "last"): void {
  app = startApp(port, appEnv);
  void app.exited.then(({ code }) => {
    if (hasAnswered || chance === "last" || stoppedAt !== undefined) return stop(code ?? 1);
    print("The app did not start. Retrying without the build cache.");
    rmSync(`${root}.next/dev`, { recursive: true, force: true });
    keepApp(port, appEnv, "last");
  });
}

function startApp(port: number, appEnv: Record<string, string>): GuardedProcess {
  return startGuarded({
    command: process.execPath,
    args: [`${root}node_modules/next/dist/bin/next`, "dev", "--port", String(port)],
    cwd: root,
    env: { ...process.env, ...appEnv, NODE_ENV: "development", NEXT_TELEMETRY_DISABLED: "1" },
    onLine: (line) => {
      if (isPrinted(line, appEnv.LOG_LEVEL)) print(line);
    },
  });
}

/** Waits until a URL of the app responds with success; /api/ready checks database, migrations and worker. */
async function untilOk(address: string): Promise<void> {
  const until = Date.now() + 120_000;
  while (Date.now() < until && stoppedAt === undefined) {
    const answer = await fetch(address).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("The app was not ready within two minutes. Its output is above.");
}

function printAddresses(url: string, pages: SandboxServices["pages"]): void {
  print(`\nParley is ready (${secondsSinceStart()} s).\n`);
  for (const page of [{ name: "App", url }, ...pages]) print(`  ${page.name.padEnd(16)}${page.url}`);
  print("\n  Sign in as        ada@parley.example       Pro plan");
  print("                    free@parley.example      Free plan");
  print("                    empty@parley.example     Free plan, no credit left");
  print("                    german@parley.example    Free plan, in German");
  print("                    operator@parley.example  Operator console; its code: npm run operator-code");
  print("  Password          parley-sandbox");
  print("\n  Press Ctrl-C to stop. Your data is kept.\n");
}

/** Stops everything once: first the app, so that it can save running work, then its services. */
async function stop(code: number): Promise<void> {
  if (stoppedAt !== undefined) return;
  stoppedAt = performance.now();
  print("\nStopping ...");
  await app?.stop();
  const world = await worldStarting?.catch(() => undefined);
  await world?.stop();
  print("Stopped. Data is kept in .data.");
  process.exit(code);
}

/**
 * A terminal and npm can deliver one Ctrl-C twice; a later signal means that the user does not want to wait.
 */
function interrupted(): void {
  if (stoppedAt !== undefined && performance.now() - stoppedAt > 500) {
    app?.kill();
    // The remaining processes end with this one.
    process.exit(130);
  }
  void stop(0);
}

process.on("SIGINT", interrupted);
for (const signal of ["SIGTERM", "SIGHUP", "disconnect"] as const) process.on(signal, () => void stop(0));
// Writing to a closed terminal fails; the shutdown continues.
process.stdout.on("error", () => {});

start().catch((error: unknown) => {
  if (stoppedAt === undefined) print(error instanceof Error ? error.message : String(error));
  void stop(1);
});
