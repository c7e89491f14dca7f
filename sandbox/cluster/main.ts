import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Cluster, startCluster } from "#sandbox/cluster/start-cluster.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const print = (line: string) => void process.stdout.write(`${line}\n`);
let starting: Promise<Cluster> | undefined;
let stoppedAt: number | undefined;

/** `npm run cluster`: prints the addresses and runs until Ctrl-C. */
async function start(): Promise<void> {
  print("Starting the cluster");
  if (!existsSync(`${root}.next/BUILD_ID`)) build();
  starting = startCluster({
    dataDir: `${root}.data/cluster`,
    httpsPort: 8_443,
    report: print,
    // Information about single requests and jobs is left out.
    onLine: (service, line) => {
      if (!line.includes('"level":"info"')) print(`${service.padEnd(6)} ${line}`);
    },
  });
  const cluster = await starting;
  void cluster.broken.then(({ part, exit: { code, signal } }) => {
    if (stoppedAt === undefined) print(`${part} ended unexpectedly (${signal ?? code}).`);
    void stop(1);
  });
  printAddresses(cluster);
}

function build(): void {
  print("Building for production ...");
  const { status } = spawnSync(process.execPath, [`${root}node_modules/next/dist/bin/next`, "build"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("The build failed.");
}

function printAddresses(cluster: Cluster): void {
  const rows = [
    ["App", cluster.url],
    ["", `${cluster.httpUrl} (redirects)`],
    ...cluster.appUrls.map((url, index) => [`app-${index + 1}`, url]),
    ["PgBouncer", new URL(cluster.env.DATABASE_URL ?? "").host],
    ["PostgreSQL", new URL(cluster.database.admin).host],
    ...cluster.pages.map(({ name, url }) => [name, url]),
  ];
  print("\nThe cluster is ready.\n");
  for (const [name = "", address = ""] of rows) print(`  ${name.padEnd(16)}${address}`);
  print(`\n  Certificate     ${cluster.certificatePath}`);
  print("  Sign in as      ada@parley.example, password parley-sandbox");
  print("\n  Press Ctrl-C to stop. Your data is kept.\n");
}

async function stop(code: number): Promise<void> {
  if (stoppedAt !== undefined) return;
  stoppedAt = performance.now();
  print("\nStopping ...");
  await (await starting?.catch(() => undefined))?.stop();
  print("Stopped. Data is kept in .data/cluster.");
  process.exit(code);
}

/** The first Ctrl-C lets running answers end. A later one ends everything, because children end with us. */
function interrupted(): void {
  if (stoppedAt !== undefined && performance.now() - stoppedAt > 500) process.exit(130);
  void stop(0);
}

process.on("SIGINT", interrupted);
for (const signal of ["SIGTERM", "SIGHUP", "disconnect"] as const) process.on(signal, () => void stop(0));
process.stdout.on("error", () => {});

start().catch((error: unknown) => {
  if (stoppedAt === undefined) print(error instanceof Error ? error.message : String(error));
  void stop(1);
});
