import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { type GuardedProcess, startGuarded } from "#sandbox/guarded-process.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { startSandboxServices } from "#sandbox/start-services.ts";
import { appEnvironment, startAppProcess } from "#tests/e2e/app-process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Global setup of the browser tests. */
export default function startApp(): Promise<() => Promise<void>> {
  return startAppWith({});
}

/**
 * Starts empty sandbox services and the production build, syncs the catalog to Stripe and seeds the database.
 * @param given environment variables; services that they configure are not started
 * @returns a function that stops everything
 */
export async function startAppWith(given: Record<string, string>): Promise<() => Promise<void>> {
  const port = await findFreePort(4300);
  const url = `http://localhost:${port}`;
  const services = await startSandboxServices({
    dataDir: null,
    appUrl: url,
    given,
    ports: { postgres: 0, stripe: 0, openai: 0, smtp: 0, mail: 0 },
    // Twice as fast as a usual model, so that answers stream and tests wait less.
    tokensPerSecond: 150,
    report: () => {},
  });
  let app: GuardedProcess | undefined;
  const stop = async () => {
    await app?.stop();
    await services.stop();
  };
  try {
    const environment = { ...process.env, ...given, ...services.env };
    app = await startAppProcess(port, environment);
    await run("lib/billing/catalog/sync-catalog.ts", appEnvironment(url, environment));
    await run("sandbox/seed/main.ts", appEnvironment(url, environment));
  } catch (error) {
    await stop();
    throw error;
  }
  // Worker processes inherit this environment; it contains the addresses of the app and the sandbox services.
  Object.assign(process.env, services.env, { E2E_APP_URL: url, APP_ENV: "test" });
  return stop;
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
