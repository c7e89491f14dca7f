import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { type GuardedProcess, startGuarded } from "#sandbox/guarded-process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Starts the production build as a process of its own, and waits until it is ready.
 * @param environment the world it lives in: database, sandbox, secrets
 * @throws Error when it ends, or is not ready within a minute; nothing is left running then
 */
export async function startAppProcess(port: number, environment: NodeJS.ProcessEnv): Promise<GuardedProcess> {
  const url = `http://localhost:${port}`;
  const app = startGuarded({
    command: execPath,
    args: [`${root}app/_http/serve.ts`, "--port", String(port)],
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
 * What the app, and programs beside it, are started with. Stripe.js is asked for at Stripe's own address, as in production:
 * a test that needs it leads the browser to the stand-in.
 */
export function appEnvironment(url: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { STRIPE_JS_URL: _standIn, ...world } = environment;
  return { ...world, APP_URL: url, APP_ENV: "test", NODE_ENV: "production", LOG_LEVEL: "warn" };
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
