import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import Stripe from "stripe";
import { connect } from "#db/client.ts";
import { startGuarded } from "#sandbox/guarded-process.ts";
import { findFreePort } from "#sandbox/ports.ts";
import { registerWebhook } from "#sandbox/register-webhook.ts";
import { startProgram } from "#sandbox/start-world.ts";
import { appEnvironment, startAppProcess } from "#tests/e2e/app-process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export type OwnWorld = {
  url: string;
  /** Turns the Stripe sandbox's clock, which the app follows, to some hours after what the one subscription has paid for. */
  passPeriod(hours: number): Promise<void>;
  control(path: string, wishes: object): Promise<void>;
  stop(): Promise<void>;
};

/**
 * An app with a database and a Stripe of its own, for a test that turns the clock: everybody else's time runs on as it was.
 * Mail and models are those of the run.
 */
export async function startOwnWorld(name: string): Promise<OwnWorld> {
  const databaseUrl = await makeDatabase(name);
  const stripePort = await findFreePort(4_700);
  const stripe = await startProgram("sandbox/stripe/main.ts", ["--port", String(stripePort)]);
  const stripeUrl = `http://127.0.0.1:${stripePort}`;
  const port = await findFreePort(4_600);
  const url = `http://localhost:${port}`;
  const environment = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    STRIPE_API_BASE: stripeUrl,
    SANDBOX_STRIPE_URL: stripeUrl,
    STRIPE_WEBHOOK_SECRET: await registerWebhook(stripeUrl, `${url}/api/webhooks/stripe`, null),
  };
  const app = await startAppProcess(port, environment).catch(async (error) => {
    await stripe.stop();
    throw error;
  });
  await syncCatalogue(appEnvironment(url, environment));
  const control = async (path: string, wishes: object) => {
    const answer = await fetch(`${stripeUrl}/_control/${path}`, {
      method: "POST",
      body: JSON.stringify(wishes),
    });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  };
  return {
    url,
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

/** The end of the period, or of the trial, that runs, in seconds since 1970. */
async function readPeriodEnd(stripeUrl: string): Promise<number> {
  const { hostname, port } = new URL(stripeUrl);
  const stripe = new Stripe("sk_test_sandbox000000000000", { host: hostname, port, protocol: "http" });
  const [subscription] = (await stripe.subscriptions.list({ limit: 1 })).data;
  const end = subscription?.items.data[0]?.current_period_end;
  if (end === undefined) throw new Error("There is no subscription to wait for.");
  return end;
}

async function makeDatabase(name: string): Promise<string> {
  const serverUrl = process.env.DATABASE_URL ?? "postgres://nowhere.invalid/none";
  const server = connect(serverUrl, { max: 1 }).sql;
  await server`drop database if exists ${server(name)} with (force)`;
  await server`create database ${server(name)}`;
  await server.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

async function syncCatalogue(env: NodeJS.ProcessEnv): Promise<void> {
  const args = [`${root}lib/billing/sync-catalogue.ts`];
  const child = startGuarded({ command: execPath, args, cwd: root, env, onLine: () => {} });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`The catalogue could not be brought to Stripe (${code}).`);
}
