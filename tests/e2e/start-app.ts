import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { startGuarded } from "#sandbox/guarded-process.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { startWorld } from "#sandbox/start-world.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Before the tests: the outside world from nothing, the plans in Stripe, the people of the seed, the production build. */
export default async function startApp(): Promise<() => Promise<void>> {
  const port = await findFreePort(4300);
  const url = `http://localhost:${port}`;
  const world = await startWorld({
    dataDir: null,
    appUrl: url,
    given: {},
    ports: { postgres: 0, stripe: 0, openai: 0, smtp: 0, mail: 0 },
    report: () => {},
  });
  const env = {
    ...process.env,
    ...world.env,
    APP_ENV: "test",
    NODE_ENV: "production" as const,
    LOG_LEVEL: "warn",
  };
  const app = startGuarded({
    command: execPath,
    args: [`${root}lib/jobs/start.ts`, "--port", String(port)],
    cwd: root,
    env,
    onLine: (line) => process.stdout.write(`[app] ${line}\n`),
  });
  const stop = async () => {
    await app.stop();
    await world.stop();
  };
  try {
    await untilReady(url, app.exited);
    await run("lib/billing/sync-catalogue.ts", env);
    await run("db/seed.ts", env);
  } catch (error) {
    await stop();
    throw error;
  }
  // Workers inherit this process's environment, and find app and sandbox by it.
  Object.assign(process.env, world.env, { E2E_APP_URL: url });
  return stop;
}

async function untilReady(url: string, exited: Promise<{ code: number | null }>): Promise<void> {
  let ended = false;
  void exited.then(() => {
    ended = true;
  });
  const until = Date.now() + 60_000;
  while (Date.now() < until && !ended) {
    const answer = await fetch(`${url}/api/ready`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(ended ? "The app ended before it was ready." : "The app was not ready within a minute.");
}

async function run(path: string, env: NodeJS.ProcessEnv): Promise<void> {
  const lines: string[] = [];
  const child = startGuarded({
    command: execPath,
    args: [`${root}${path}`],
    cwd: root,
    env,
    onLine: (line) => lines.push(line),
  });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`${path} ended with ${code}:\n${lines.join("\n")}`);
}
