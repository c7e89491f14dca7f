import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { type GuardedProcess, startGuarded } from "#sandbox/guarded-process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Starts the production build as a separate process and waits until it is ready.
 * @param environment database, sandbox addresses and secrets
 * @throws Error when it exits or is not ready within a minute; it is stopped then
 */
export async function startAppProcess(port: number, environment: NodeJS.ProcessEnv): Promise<GuardedProcess> {
  const url = `http://localhost:${port}`;
  const app = startGuarded({
    command: execPath,
    args: [`${root}app/_http/server/serve.ts`, "--port", String(port)],
    cwd: root,
    env: appEnvironment(url, environment),
    onLine: (line) => process.stdout.write(`[app] ${line}\n`),
  });
  try {
    await untilReady(url, app.exited);
  } catch (error) {
    await app.stop();
    throw error;
  }
  return app;
}

/**
 * Returns the environment of the app and of programs that use its database. The app loads Stripe.js from
 * Stripe's URL as in production; a test that needs it serves the sandbox's script there.
 */
export function appEnvironment(url: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { STRIPE_JS_URL: _sandboxUrl, ...rest } = environment;
  return { ...rest, APP_URL: url, APP_ENV: "test", NODE_ENV: "production", LOG_LEVEL: "warn" };
}

async function untilReady(url: string, exited: Promise<{ code: number | null }>): Promise<void> {
  let hasExited = false;
  void exited.then(() => {
    hasExited = true;
  });
  const until = Date.now() + 60_000;
  while (Date.now() < until && !hasExited) {
    const response = await fetch(`${url}/api/ready`).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(
    hasExited ? "The app exited before it was ready." : "The app was not ready within a minute.",
  );
}
