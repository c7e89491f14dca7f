import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { offers, type Plan, planList, topUps } from "#lib/billing/catalog/plans.ts";
import { type SyncOptions, syncMeter } from "#lib/billing/catalog/sync-meter.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { findPriceByLookupKey } from "#lib/gateways/stripe/catalog/find-price.ts";
import {
  createPrice,
  type NewPrice,
  retirePrice,
  upsertProduct,
} from "#lib/gateways/stripe/catalog/products-and-prices.ts";

/**
 * Writes our catalog to Stripe: products, prices and the meter. Prices cannot change at Stripe: a new price
 * takes over the lookup key, and the old price is deactivated for new customers while existing subscriptions
 * keep it. Idempotent.
 * @returns the number of changes made (or, in a dry run, needed)
 * @throws AppError billing_unavailable
 */
export async function syncCatalog({ dryRun, report }: SyncOptions): Promise<number> {
  let changes = 0;
  for (const { product, prices } of catalogProducts()) {
    const changed = await upsertProduct(product, dryRun);
    if (changed) report(`${product.name}: the product ${dryRun ? "would be" : "was"} written`);
    changes += changed ? 1 : 0;
    for (const price of prices) changes += await syncPrice(price, { dryRun, report });
  }
  changes += await syncMeter({ dryRun, report });
  if (changes === 0) report("Stripe is up to date.");
  return changes;
}

type CatalogProduct = { product: { id: string; name: string; description: string }; prices: NewPrice[] };

/** Returns our catalog as Stripe products with prices: the paid plans at each interval, and the top-ups. */
function catalogProducts(): CatalogProduct[] {
  const paidPlans = planList.filter(({ isPaid }) => isPaid);
  const plans = paidPlans.map((plan) => {
    const product = { id: `parley_${plan.id}`, name: plan.name, description: describePlan(plan) };
    const own = offers.filter((offer) => offer.plan === plan);
    const prices = own.map(({ price, interval }) => ({ ...price, interval, productId: product.id }));
    return { product, prices };
  });
  const credit = {
    id: "parley_credit",
    name: "Credit",
    description: "Credit that is used after a plan's own.",
  };
  const prices = topUps.map(({ price }) => ({ ...price, interval: null, productId: credit.id }));
  return [...plans, { product: credit, prices }];
}

async function syncPrice(price: NewPrice, { dryRun, report }: SyncOptions): Promise<number> {
  const { lookupKey, cents, interval, productId } = price;
  const current = await findPriceByLookupKey(lookupKey);
  const isSame =
    current !== null &&
    current.unitAmountCents === cents &&
    current.currency === "usd" &&
    current.interval === interval &&
    current.productId === productId;
  if (isSame) return 0;
  report(
    `${lookupKey}: ${cents} cents ${interval === null ? "once" : `a ${interval}`} ${dryRun ? "would be" : "was"} made`,
  );
  if (dryRun) return 1;
  await createPrice(price);
  if (current !== null) await retirePrice(current.id);
  return 1;
}

/** Runs `npm run billing:sync`; `-- --dry-run` only reports. */
async function run(): Promise<void> {
  const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });
  const report = (line: string) => void process.stdout.write(`${line}\n`);
  await syncCatalog({ dryRun: values["dry-run"], report });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run();

/** The description of a plan's product, which Stripe's pages show. */
function describePlan({ allowanceMicros, requestsPerMinute }: Plan): string {
  const credit = formatsFor("en").price(allowanceMicros);
  return `${credit} of credit every month, ${requestsPerMinute} requests per minute`;
}
