import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepareDatabase } from "#lib/jobs/prepare-database.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { startPostgres } from "#sandbox/postgres.ts";
import { type BenchUser, createBenchUsers } from "#tests/bench/bench-users.ts";
import { startApp } from "#tests/bench/start-app.ts";
import { startServer } from "#tests/bench/start-server.ts";

const upstreamProgram = fileURLToPath(new URL("../upstream.ts", import.meta.url));
const secret = "sandbox-load-secret-of-more-than-32-characters";
const metricsToken = "a-token-for-the-metrics-of-the-load";

export type LoadedSystem = {
  url: string;
  pid: number;
  databaseUrl: string;
  users: BenchUser[];
  /** Reads a value of the app's Prometheus metrics; NaN if it is absent. */
  readMetric: (name: string) => Promise<number>;
  stop: () => Promise<void>;
};

/** The models of the run, by the script that the mock upstream plays for their names. */
export const openModel = "bench-300-50";
export const shortModel = "bench-20-0";

/**
 * Starts the production build with its worker, a PostgreSQL that writes to disk as in production (fsync), and
 * the mock upstream, all on loopback.
 */
export async function startSystem(userCount: number): Promise<LoadedSystem> {
  const stops: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const end of stops.reverse()) await end();
  };
  try {
    const folder = mkdtempSync(join(tmpdir(), "parley-load-"));
    // PostgreSQL's user must be able to enter.
    chmodSync(folder, 0o711);
    stops.push(() => rmSync(folder, { recursive: true, force: true }));
    const upstream = await startServer([upstreamProgram], {
      ready: /listening (\d+)/,
      url: (match) => `http://127.0.0.1:${match[1]}`,
    });
    stops.push(upstream.stop);
    const database = await startPostgres({ dataDir: join(folder, "data"), port: 0 });
    stops.push(database.stop);
    await prepareDatabase(database.url);
    const users = await createBenchUsers(database.url, secret, userCount);
    const modelsFile = join(folder, "models.json");
    writeFileSync(modelsFile, JSON.stringify(modelsOf(upstream.url)));
    const app = await startApp({
      port: await findFreePort(12_410),
      databaseUrl: database.url,
      secret,
      env: {
        OPENAI_BASE_URL: `${upstream.url}/v1`,
        BENCH_KEY: "sk-bench",
        MODELS_FILE: modelsFile,
        METRICS_TOKEN: metricsToken,
      },
    });
    stops.push(app.stop);
    const { url, pid } = app;
    return { url, pid, databaseUrl: database.url, users, readMetric: metricReader(url), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function modelsOf(upstreamUrl: string) {
  return {
    upstreams: [{ name: "bench", baseUrl: `${upstreamUrl}/v1`, apiKeyEnv: "BENCH_KEY" }],
    models: [openModel, shortModel].map((id) => ({
      id,
      label: id,
      upstream: "bench",
      costUsdPerMillion: { input: 1, output: 2 },
      contextWindow: 128_000,
      maxOutputTokens: 4_096,
    })),
    defaultModel: shortModel,
  };
}

function metricReader(url: string) {
  return async (name: string): Promise<number> => {
    const headers = { authorization: `Bearer ${metricsToken}` };
    const text = await (await fetch(`${url}/api/metrics`, { headers })).text();
    return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
  };
}
