import { connect } from "#db/client.ts";
import { offers, topUps } from "#lib/billing/catalog/plans.ts";
import { syncCatalog } from "#lib/billing/catalog/sync-catalog.ts";
import { shiftClock } from "#lib/core/clock.ts";
import { startStripeSandbox } from "#sandbox/stripe/server.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { clientOf, controlOf } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { copyTemplate } from "#tests/template-database.ts";

const secret = "whsec_orders";

/**
 * Starts one Stripe sandbox and a database for each instance of the product.
 * @param serverUrl a PostgreSQL on which `createTemplate` was called
 */
export async function startOrdersTestEnv(serverUrl: string, instanceCount: number) {
  const sandbox = await startStripeSandbox({ port: 0 });
  Object.assign(process.env, testEnvironment, {
    STRIPE_SECRET_KEY: "sk_test_sandbox000000000000",
    STRIPE_API_BASE: sandbox.url,
    STRIPE_WEBHOOK_SECRET: secret,
    DATABASE_URL: serverUrl,
    LOG_LEVEL: "fatal",
  });
  const databases: ReturnType<typeof connect>[] = [];
  for (let index = 0; index < instanceCount; index += 1) {
    const url = await copyTemplate(serverUrl, `instance_${process.pid}_${index}`);
    databases.push(connect(url, { max: 8 }));
  }
  const stripe = clientOf(sandbox.url);
  const control = controlOf(sandbox.url);
  await syncCatalog({ dryRun: false, report: () => {} });
  const keys = [...offers, ...topUps].map(({ price }) => price.lookupKey);
  const { data } = await stripe.prices.list({ lookup_keys: keys, limit: 100 });
  const prices = new Map(data.map((price) => [price.lookup_key ?? "", price.id]));

  return {
    secret,
    stripe,
    databases,

    /**
     * Deletes every customer at Stripe and sets both clocks to the present. @returns the ids of our prices by
     * lookup key
     */
    async reset(): Promise<ReadonlyMap<string, string>> {
      await control("reset", { keep_catalog: true });
      shiftClock(0);
      return prices;
    },

    /** Advances Stripe's clock and ours. */
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

export type OrdersTestEnv = Awaited<ReturnType<typeof startOrdersTestEnv>>;
