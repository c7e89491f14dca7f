import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { offers, packs, planList } from "#lib/billing/plans.ts";
import { syncMeter } from "#lib/billing/sync-meter.ts";
import { createPrice, type NewPrice, putProduct, retirePrice } from "#lib/gateways/stripe.ts";
import { findPriceByLookupKey } from "#lib/gateways/stripe-prices.ts";

type Options = { dryRun: boolean; report: (line: string) => void };

/**
 * Brings Stripe's products, prices and meter to our catalogue. A price cannot change at Stripe: one with another amount is made, it
 * takes over the lookup key, and the old one is taken off the shelf for new customers while those who have it keep it.
 * Running it again changes nothing.
 * @returns how many things were (or would be) changed
 * @throws AppError billing_unavailable
 */
export async function syncCatalogue({ dryRun, report }: Options): Promise<number> {
  let changes = 0;
  for (const { product, prices } of wares()) {
    const changed = await putProduct(product, dryRun);
    if (changed) report(`${product.name}: the product ${dryRun ? "would be" : "was"} written`);
    changes += changed ? 1 : 0;
    for (const price of prices) changes += await syncPrice(price, { dryRun, report });
  }
  changes += await syncMeter({ dryRun, report });
  if (changes === 0) report("Stripe has the whole catalogue already.");
  return changes;
}

type Ware = { product: { id: string; name: string; description: string }; prices: NewPrice[] };

/** What is sold, as Stripe's products and prices: each plan by the month and the year, and credit in packs. */
function wares(): Ware[] {
  const sold = planList.filter((plan) => Object.keys(plan.prices).length > 0);
  const plans = sold.map((plan) => {
    const product = { id: `parley_${plan.id}`, name: plan.name, description: plan.features.join(". ") };
    const own = offers.filter((offer) => offer.plan === plan);
    const prices = own.map(({ price, interval }) => ({ ...price, interval, productId: product.id }));
    return { product, prices };
  });
  const credit = {
    id: "parley_credit",
    name: "Credit",
    description: "Credit that is used after a plan's own.",
  };
  const prices = packs.map(({ price }) => ({ ...price, interval: null, productId: credit.id }));
  return [...plans, { product: credit, prices }];
}

async function syncPrice(price: NewPrice, { dryRun, report }: Options): Promise<number> {
  const { lookupKey, cents, interval, productId } = price;
  const known = await findPriceByLookupKey(lookupKey);
  const fits =
    known !== null &&
    known.unitAmountCents === cents &&
    known.currency === "usd" &&
    known.interval === interval &&
    known.productId === productId;
  if (fits) return 0;
  report(
    `${lookupKey}: ${cents} cents ${interval === null ? "once" : `a ${interval}`} ${dryRun ? "would be" : "was"} made`,
  );
  if (dryRun) return 1;
  await createPrice(price);
  if (known !== null) await retirePrice(known.id);
  return 1;
}

/** `npm run billing:sync`, with `-- --dry-run` to be told only. */
async function run(): Promise<void> {
  const { values } = parseArgs({ options: { "dry-run": { type: "boolean", default: false } } });
  const report = (line: string) => void process.stdout.write(`${line}\n`);
  await syncCatalogue({ dryRun: values["dry-run"], report });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run();
