import { spawnSync } from "node:child_process";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { startPostgres } from "#sandbox/postgres.ts";
import type { BenchTarget } from "#tests/bench/load.ts";
import { type RunningServer, startServer } from "#tests/bench/start-server.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const next = fileURLToPath(new URL("../../../node_modules/next/dist/bin/next", import.meta.url));
const listening = {
  ready: /listening (\d+)/,
  url: (match: RegExpExecArray) => `http://127.0.0.1:${match[1]}`,
};

/** Starts the frozen upstream and the three anchors: a plain pipe, the bare Next route, the naive route. */
export async function startAnchors() {
  const upstream = await startServer([`${here}../upstream.ts`], listening);
  const pipe = await startServer([`${here}pipe.ts`, upstream.url], listening);
  const database = await startPostgres({ ephemeral: true });
  const env = { BENCH_UPSTREAM: upstream.url, BENCH_DATABASE_URL: database.url };
  const bare = await startAnchorApp(12401, env);
  const naive = await startAnchorApp(12402, env);
  const body = (model: string) =>
    JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "bench" }] });
  const target = (name: string, pid: number, url: string): BenchTarget => ({
    name,
    pid,
    prepare: (model) => ({ url, headers: {}, body: body(model) }),
  });
  return {
    upstreamUrl: upstream.url,
    targets: [
      target("node pipe", pipe.pid, `${pipe.url}/`),
      target("bare next", bare.pid, `${bare.url}/bare`),
      target("naive", naive.pid, `${naive.url}/naive`),
    ],
    stop: async () => {
      await Promise.all([pipe.stop(), bare.stop(), naive.stop(), upstream.stop()]);
      await database.stop();
    },
  };
}

let isBuilt = false;

/** Starts the anchors' Next.js app, which is built once per run. */
export async function startAnchorApp(port: number, env: Record<string, string>): Promise<RunningServer> {
  if (!isBuilt) buildAnchorApp();
  isBuilt = true;
  return startServer([next, "start", `${here}next-app`, "--port", String(port), "--hostname", "127.0.0.1"], {
    env: { NODE_ENV: "production", ...env },
    ready: /Ready in/,
    url: () => `http://127.0.0.1:${port}`,
  });
}

/**
 * Builds with webpack: Turbopack would include the instrumentation and the proxy at the root of the
 * repository.
 */
function buildAnchorApp(): void {
  const built = spawnSync(execPath, [next, "build", "--webpack", `${here}next-app`], { encoding: "utf8" });
  if (built.status !== 0)
    throw new Error(`The build of the anchors failed:\n${built.stdout}\n${built.stderr}`);
}
