import { connect } from "#db/client.ts";
import { offers, packs } from "#lib/billing/plans.ts";
import { syncCatalogue } from "#lib/billing/sync-catalogue.ts";
import { shiftClock } from "#lib/core/clock.ts";
import { startStripeSandbox } from "#sandbox/stripe/server.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { clientOf, controlOf } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { copyTemplate } from "#tests/template-database.ts";

const secret = "whsec_orders";

/**
 * One Stripe, and several databases that each stand for a copy of the product of its own.
 * @param serverUrl a PostgreSQL on which `createTemplate` was called
 */
export async function startOrdersWorld(serverUrl: string, copies: number) {
  const sandbox = await startStripeSandbox({ port: 0 });
  Object.assign(process.env, testEnvironment, {
    STRIPE_SECRET_KEY: "sk_test_sandbox000000000000",
    STRIPE_API_BASE: sandbox.url,
    STRIPE_WEBHOOK_SECRET: secret,
    DATABASE_URL: serverUrl,
    LOG_LEVEL: "fatal",
  });
  const databases: ReturnType<typeof connect>[] = [];
  for (let index = 0; index < copies; index += 1) {
    const url = await copyTemplate(serverUrl, `copy_${process.pid}_${index}`);
    databases.push(connect(url, { max: 8 }));
  }
  const stripe = clientOf(sandbox.url);
  const control = controlOf(sandbox.url);
  return {
    secret,
    stripe,
    control,
    databases,

    /** Forgets every customer, and begins the time again. @returns the ids of our prices by lookup key */
    async begin(): Promise<Map<string, string>> {
      await control("reset", {});
      shiftClock(0);
      await syncCatalogue({ dryRun: false, report: () => {} });
      const keys = [...offers, ...packs].map(({ price }) => price.lookupKey);
      const { data } = await stripe.prices.list({ lookup_keys: keys, limit: 100 });
      return new Map(data.map((price) => [price.lookup_key ?? "", price.id]));
    },

    /** Moves Stripe's time and ours. */
    async travel(seconds: number): Promise<void> {
      await control("clock/advance", { seconds });
      const { now } = await control("clock");
      shiftClock(Number(now) * 1_000 - Date.now());
    },

    async stop(): Promise<void> {
      shiftClock(0);
      await Promise.all(databases.map(({ sql }) => sql.end()));
      await sandbox.stop();
    },
  };
}

export type OrdersWorld = Awaited<ReturnType<typeof startOrdersWorld>>;
