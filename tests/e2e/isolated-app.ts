import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import Stripe from "stripe";
import { connect } from "#db/client.ts";
import { startGuarded } from "#sandbox/guarded-process.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { registerWebhook } from "#sandbox/register-webhook.ts";
import { startProgram } from "#sandbox/start-services.ts";
import { appEnvironment, startAppProcess } from "#tests/e2e/app-process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export type IsolatedApp = {
  url: string;
  databaseUrl: string;
  /**
   * Advances the Stripe sandbox's clock, which the app follows, to `hours` after the paid period of the only
   * subscription.
   */
  passPeriod(hours: number): Promise<void>;
  /** Calls the control API of the Stripe sandbox. @throws Error when it responds with an error */
  control(path: string, body: object): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts an app with its own database and its own Stripe sandbox, so that a test can advance the clock
 * without affecting other tests. It uses the mail and OpenAI sandboxes of the run.
 */
export async function startIsolatedApp(name: string): Promise<IsolatedApp> {
  const databaseUrl = await createDatabase(name);
  const stripePort = await findFreePort(4_700);
  const stripe = await startProgram("sandbox/stripe/main.ts", ["--port", String(stripePort)]);
  const stripeUrl = `http://127.0.0.1:${stripePort}`;
  const port = await findFreePort(4_600);
  const url = `http://localhost:${port}`;
  const environment = {
    ...process.env,
    DATABASE_URL: new URL(name, process.env.DATABASE_URL).href,
    MIGRATION_DATABASE_URL: databaseUrl,
    STRIPE_API_BASE: stripeUrl,
    SANDBOX_STRIPE_URL: stripeUrl,
    STRIPE_WEBHOOK_SECRET: await registerWebhook(stripeUrl, `${url}/api/webhooks/stripe`, null),
  };
  const app = await startAppProcess(port, environment).catch(async (error) => {
    await stripe.stop();
    throw error;
  });
  await syncCatalog(appEnvironment(url, environment));
  const control = async (path: string, body: object) => {
    const response = await fetch(`${stripeUrl}/_control/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  };
  return {
    url,
    databaseUrl,
    control,
    passPeriod: async (hours) => {
      const endsAtMs = (await readPeriodEnd(stripeUrl)) * 1_000;
      await control("clock/advance", { to: new Date(endsAtMs + hours * 3_600_000).toISOString() });
    },
    stop: async () => {
      await app.stop();
      await stripe.stop();
    },
  };
}

/** Returns the end of the current period or trial, in seconds since 1970. */
async function readPeriodEnd(stripeUrl: string): Promise<number> {
  const { hostname, port } = new URL(stripeUrl);
  const stripe = new Stripe("sk_test_sandbox000000000000", { host: hostname, port, protocol: "http" });
  const [subscription] = (await stripe.subscriptions.list({ limit: 1 })).data;
  const end = subscription?.items.data[0]?.current_period_end;
  if (end === undefined) throw new Error("There is no subscription.");
  return end;
}

async function createDatabase(name: string): Promise<string> {
  const serverUrl = process.env.MIGRATION_DATABASE_URL ?? "postgres://nowhere.invalid/none";
  const server = connect(serverUrl, { max: 1 }).sql;
  await server`drop database if exists ${server(name)} with (force)`;
  await server`create database ${server(name)}`;
  await server.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function syncCatalog(env: NodeJS.ProcessEnv): Promise<void> {
  const args = [`${root}lib/billing/catalog/sync-catalog.ts`];
  const child = startGuarded({ command: execPath, args, cwd: root, env, onLine: () => {} });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`The catalogue could not be brought to Stripe (${code}).`);
}
