import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { offers, type Plan, planList } from "#lib/billing/plans.ts";
import { createPrice, findPriceByLookupKey, putProduct, retirePrice } from "#lib/gateways/stripe.ts";

type Options = { dryRun: boolean; report: (line: string) => void };

/**
 * Brings Stripe's products and prices to our catalogue. A price cannot change at Stripe: one with another amount is made, it
 * takes over the lookup key, and the old one is taken off the shelf for new customers while those who have it keep it.
 * Running it again changes nothing.
 * @returns how many things were (or would be) changed
 * @throws AppError billing_unavailable
 */
export async function syncCatalogue({ dryRun, report }: Options): Promise<number> {
  const sold = planList.filter((plan) => Object.keys(plan.prices).length > 0);
  let changes = 0;
  for (const plan of sold) {
    const changed = await putProduct(productOf(plan), dryRun);
    if (changed) report(`${plan.name}: the product ${dryRun ? "would be" : "was"} written`);
    changes += changed ? 1 : 0;
  }
  for (const offer of offers) changes += await syncOffer(offer, { dryRun, report });
  if (changes === 0) report("Stripe has the whole catalogue already.");
  return changes;
}

function productOf(plan: Plan): { id: string; name: string; description: string } {
  return { id: `parley_${plan.id}`, name: plan.name, description: plan.features.join(". ") };
}

async function syncOffer(offer: (typeof offers)[number], { dryRun, report }: Options): Promise<number> {
  const { plan, interval, price } = offer;
  const known = await findPriceByLookupKey(price.lookupKey);
  const fits =
    known !== null &&
    known.unitAmountCents === price.cents &&
    known.currency === "usd" &&
    known.interval === interval &&
    known.productId === productOf(plan).id;
  if (fits) return 0;
  report(`${price.lookupKey}: ${price.cents} cents a ${interval} ${dryRun ? "would be" : "was"} made`);
  if (dryRun) return 1;
  await createPrice({
    productId: productOf(plan).id,
    lookupKey: price.lookupKey,
    cents: price.cents,
    interval,
  });
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
