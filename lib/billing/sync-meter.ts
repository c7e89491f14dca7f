import { overageMeter, overagePrices, unitMicros } from "#lib/billing/overage-prices.ts";
import type { Interval } from "#lib/billing/plans.ts";
import { fromCents } from "#lib/core/money.ts";
import { putProduct, retirePrice } from "#lib/gateways/stripe/stripe.ts";
import {
  createMeter,
  createMeteredPrice,
  findMeter,
  findMeteredPrice,
  type MeteredPrice,
} from "#lib/gateways/stripe/metering.ts";
import { findPriceByLookupKey } from "#lib/gateways/stripe/prices.ts";

type Options = { dryRun: boolean; report: (line: string) => void };

const product = {
  id: "parley_overage",
  name: overageMeter.name,
  description: "What is used after all credit, up to the cap that the customer chose.",
};

/** A unit's price in cents, exact: 100 micro-USD are 0.01 cents. */
const centsAUnit = String(unitMicros / fromCents(1));

/**
 * Brings Stripe's meter, and the prices of what it counts, to our catalogue (M16). Running it again changes nothing.
 * @returns how many things were (or would be) changed
 * @throws AppError billing_unavailable
 */
export async function syncMeter({ dryRun, report }: Options): Promise<number> {
  const verb = dryRun ? "would be" : "was";
  const isProductNew = await putProduct(product, dryRun);
  if (isProductNew) report(`${product.name}: the product ${verb} written`);
  const known = await findMeter(overageMeter.eventName);
  if (known === null) report(`${overageMeter.eventName}: the meter ${verb} made`);
  const meterId = known ?? (dryRun ? "" : await createMeter(overageMeter));
  let changes = (isProductNew ? 1 : 0) + (known === null ? 1 : 0);
  for (const interval of ["month", "year"] as const)
    changes += await syncPrice(priceOfUse(interval, meterId), { dryRun, report });
  return changes;
}

function priceOfUse(interval: Interval, meterId: string): MeteredPrice {
  return { productId: product.id, lookupKey: overagePrices[interval], meterId, interval, centsAUnit };
}

async function syncPrice(wish: MeteredPrice, { dryRun, report }: Options): Promise<number> {
  if ((await findMeteredPrice(wish)) !== null) return 0;
  const { lookupKey, interval } = wish;
  report(
    `${lookupKey}: ${centsAUnit} cents a unit, billed each ${interval}, ${dryRun ? "would be" : "was"} made`,
  );
  if (dryRun) return 1;
  const older = await findPriceByLookupKey(lookupKey);
  await createMeteredPrice(wish);
  if (older !== null) await retirePrice(older.id);
  return 1;
}
