import { existsSync, mkdirSync } from "node:fs";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { createRoles } from "#db/roles.ts";
import { type AppService, deploymentEnvironment, startAppServices } from "#sandbox/cluster/app-services.ts";
import { localCertificate } from "#sandbox/cluster/certificate.ts";
import { findPrograms } from "#sandbox/cluster/debian-packages.ts";
import { startCaddy } from "#sandbox/cluster/start-caddy.ts";
import { startPgbouncer } from "#sandbox/cluster/start-pgbouncer.ts";
import { type Exit, type GuardedProcess, startGuarded } from "#sandbox/guarded-process.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { startPostgres } from "#sandbox/postgres.ts";
import { startSandboxServices } from "#sandbox/start-services.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const database = "parley_cluster";

type ClusterOptions = {
  /** The folder of all data; the certificate is kept in it. */
  dataDir: string;
  /** The preferred port of https; the next free one is used if it is taken. */
  httpsPort: number;
  /** More environment variables for the apps and the worker. */
  env?: Record<string, string>;
  /** Tokens per second of the OpenAI sandbox. */
  tokensPerSecond?: number;
  report: (line: string) => void;
  /** Called with each output line of the apps and the worker. */
  onLine: (service: AppService, line: string) => void;
};

export type Cluster = {
  /** The https address of the proxy. */
  url: string;
  /** The address on which http is redirected to https. */
  httpUrl: string;
  /** The addresses of the apps behind the proxy. */
  appUrls: string[];
  certificatePath: string;
  /** The environment of the apps. */
  env: Record<string, string>;
  /** URLs of superuser, owner and app, past PgBouncer. */
  database: { admin: string; owner: string; app: string };
  preparesStatements: boolean;
  pages: { name: string; url: string }[];
  /** Resolves when a process exits that nobody stopped. */
  broken: Promise<{ part: string; exit: Exit }>;
  /** Sends SIGTERM to a service, waits until it has exited, and starts it again. */
  restart(service: AppService): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts what compose.yaml describes as plain processes: PostgreSQL with separate roles, PgBouncer in
 * transaction mode, two apps, a worker, and Caddy with TLS; and the sandbox of Stripe, OpenAI and mail.
 * Needs a production build.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { dataDir, report } = options;
  if (!existsSync(`${root}.next/BUILD_ID`)) throw new Error("There is no production build: npm run build.");
  mkdirSync(dataDir, { recursive: true });
  const programs = findPrograms(report);
  const certificate = await localCertificate(programs.openssl, `${dataDir}/tls`);
  // Every process started from here on trusts the certificate: the sandbox delivers webhooks over https.
  process.env.NODE_EXTRA_CA_CERTS = certificate.certPath;
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };
  const broken = Promise.withResolvers<{ part: string; exit: Exit }>();
  const watch = (
    part: string,
    { exited, stop }: Pick<GuardedProcess, "exited" | "stop">,
    graceMs = 10_000,
  ) => {
    let isExpected = false;
    stops.push(() => {
      isExpected = true;
      return stop(graceMs);
    });
    void exited.then((exit) => isExpected || broken.resolve({ part, exit }));
  };
  try {
    const httpsPort = await findFreePort(options.httpsPort);
    const url = `https://localhost:${httpsPort}`;
    const postgres = await startPostgres({ dataDir: `${dataDir}/postgres`, port: 54_429 });
    watch("PostgreSQL", postgres);
    const urls = databaseUrls(postgres);
    await createRoles(urls.admin, { migration: urls.owner, app: urls.app });
    report(`PostgreSQL ready at 127.0.0.1:${postgres.port}`);
    const pooler = await startPgbouncer(programs.pgbouncer, urls.app, `${dataDir}/pgbouncer`);
    watch("PgBouncer", pooler.process);
    report(`PgBouncer ready at ${new URL(pooler.url).host}`);
    const sandbox = await startSandboxServices({
      dataDir,
      appUrl: url,
      given: { DATABASE_URL: urls.app },
      ports: { postgres: 0, stripe: 12_211, openai: 12_212, smtp: 1_125, mail: 1_180 },
      ...(options.tokensPerSecond !== undefined && { tokensPerSecond: options.tokensPerSecond }),
      report,
    });
    stops.push(() => sandbox.stop());
    const env: Record<string, string> = {
      APP_ENV: "test",
      NODE_ENV: "production",
      LOG_LEVEL: "warn",
      ...sandbox.env,
      ...deploymentEnvironment(pooler.url, urls.app, pooler.preparesStatements),
      ...options.env,
    };
    await runProgram("lib/jobs/prepare-database.ts", { ...env, MIGRATION_DATABASE_URL: urls.owner });
    report("Database migrated");
    const services = await startAppServices(env, options.onLine);
    stops.push(() => services.stop());
    void services.broken.then(broken.resolve);
    report("Two apps and a worker ready");
    const httpPort = await findFreePort(httpsPort + 1);
    const caddy = await startCaddy({
      program: programs.caddy,
      appUrl: url,
      addresses: services.ports.map((port) => `127.0.0.1:${port}`),
      certificate,
      httpPort,
      folder: `${dataDir}/caddy`,
    });
    watch("Caddy", caddy);
    await runProgram("lib/billing/catalog/sync-catalog.ts", env);
    await runProgram("sandbox/seed/main.ts", { ...env, MIGRATION_DATABASE_URL: urls.owner });
    return {
      url,
      httpUrl: `http://localhost:${httpPort}`,
      appUrls: services.ports.map((port) => `http://127.0.0.1:${port}`),
      certificatePath: certificate.certPath,
      env,
      database: urls,
      preparesStatements: pooler.preparesStatements,
      pages: sandbox.pages,
      broken: Promise.race([broken.promise, sandbox.broken]),
      restart: services.restart,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The roles' passwords are those of the server's app role, which follow from the superuser's. */
function databaseUrls({ url, appUrl }: { url: string; appUrl: string }): Cluster["database"] {
  const { password } = new URL(appUrl);
  const urlOf = (username: string) =>
    Object.assign(new URL(url), { username, password, pathname: `/${database}` }).href;
  return { admin: url, owner: urlOf("parley_owner"), app: urlOf("parley_app") };
}

/** Runs a program to its end. @throws Error with its output if it fails */
async function runProgram(path: string, env: Record<string, string>): Promise<void> {
  const lines: string[] = [];
  const child = startGuarded({
    command: execPath,
    args: [`${root}${path}`],
    cwd: root,
    env: { ...process.env, ...env },
    onLine: (line) => lines.push(line),
  });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`${path} failed:\n${lines.join("\n")}`);
}
