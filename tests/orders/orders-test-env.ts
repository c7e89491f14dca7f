import type Stripe from "stripe";
import { connect } from "#db/client.ts";
import { offers, topUps } from "#lib/billing/catalog/plans.ts";
import { syncCatalog } from "#lib/billing/catalog/sync-catalog.ts";
import { shiftClock } from "#lib/core/clock.ts";
import { startStripeSandbox } from "#sandbox/stripe/server.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { clientOf, controlOf } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { copyTemplate } from "#tests/template-database.ts";

const secret = "whsec_orders";
/** The day on which the clock stands when a history of day 0 starts; no real time passes in a history. */
const firstDayMs = Date.UTC(2027, 0, 1, 10);

/**
 * Starts one Stripe sandbox and a database for each instance of the product.
 * @param serverUrl a PostgreSQL on which `createTemplate` was called
 */
export async function startOrdersTestEnv(serverUrl: string, instanceCount: number) {
  let wallSeconds = firstDayMs / 1_000;
  const sandbox = await startStripeSandbox({ port: 0, wallSeconds: () => wallSeconds });
  Object.assign(process.env, testEnvironment, {
    STRIPE_SECRET_KEY: "sk_test_sandbox000000000000",
    STRIPE_API_BASE: sandbox.url,
    STRIPE_WEBHOOK_SECRET: secret,
    DATABASE_URL: serverUrl,
    LOG_LEVEL: "fatal",
  });
  const databases: ReturnType<typeof connect>[] = [];
  for (let index = 0; index < instanceCount; index += 1) {
    const { app } = await copyTemplate(serverUrl, `instance_${process.pid}_${index}`);
    databases.push(connect(app, { max: 8 }));
  }
  const stripe = clientOf(sandbox.url);
  const control = controlOf(sandbox.url);
  await syncCatalog({ dryRun: false, report: () => {} });
  const keys = [...offers, ...topUps].map(({ price }) => price.lookupKey);
  const { data } = await stripe.prices.list({ lookup_keys: keys, limit: 100 });
  const prices: ReadonlyMap<string, string> = new Map(
    [...data, ...(await createForeignPrices(stripe))].map((price) => [price.lookup_key ?? "", price.id]),
  );

  return {
    secret,
    stripe,
    databases,
    /** The ids of all prices by lookup key, also of those of another product. */
    prices,

    /** Deletes every customer at Stripe and sets both clocks to a day, counted from the first of a year. */
    async reset(day: number): Promise<void> {
      await control("reset", { keep_catalog: true });
      wallSeconds = firstDayMs / 1_000 + day * 86_400;
      await this.pass(0);
    },

    /** Lets a few seconds pass on both clocks, without work that becomes due. */
    async pass(seconds: number): Promise<void> {
      wallSeconds += seconds;
      shiftClock((await this.nowSeconds()) * 1_000 - Date.now());
    },

    /** The time at Stripe, in seconds since 1970. */
    async nowSeconds(): Promise<number> {
      return Number((await control("clock")).now);
    },

    /** Advances Stripe's clock and ours. */
    async travel(seconds: number): Promise<void> {
      await control("clock/advance", { seconds });
      await this.pass(0);
    },

    async stop(): Promise<void> {
      shiftClock(0);
      await Promise.all(databases.map(({ sql }) => sql.end()));
      await sandbox.stop();
    },
  };
}

export type OrdersTestEnv = Awaited<ReturnType<typeof startOrdersTestEnv>>;

/** Creates what another business sells to the same customers, with lookup keys of its own. */
async function createForeignPrices(stripe: Stripe): Promise<Stripe.Price[]> {
  const product = await stripe.products.create({ name: "Support" });
  const monthly = [
    ["support_month", "usd", 50_000],
    ["support_eur", "eur", 10_000],
    ["support_jpy", "jpy", 1_900],
  ] as const;
  const shared = { product: product.id };
  return Promise.all([
    stripe.prices.create({ ...shared, currency: "usd", unit_amount: 30_000, lookup_key: "consulting" }),
    ...monthly.map(([lookup_key, currency, unit_amount]) =>
      stripe.prices.create({
        ...shared,
        lookup_key,
        currency,
        unit_amount,
        recurring: { interval: "month" },
      }),
    ),
  ]);
}
