import { overageMeter, overagePrices, unitMicros } from "#lib/billing/catalog/overage-prices.ts";
import type { Interval } from "#lib/billing/catalog/plans.ts";
import { fromCents } from "#lib/core/money.ts";
import { findPriceByLookupKey } from "#lib/gateways/stripe/catalog/find-price.ts";
import {
  createMeter,
  createMeteredPrice,
  findMeter,
  findMeteredPrice,
  type MeteredPrice,
} from "#lib/gateways/stripe/catalog/metering.ts";
import { retirePrice, upsertProduct } from "#lib/gateways/stripe/catalog/products-and-prices.ts";

/** `report` receives one line per change. */
export type SyncOptions = { dryRun: boolean; report: (line: string) => void };

const product = {
  id: "parley_overage",
  name: overageMeter.name,
  description: "What is used after all credit, up to the cap that the customer chose.",
};

/** The exact price of a unit in cents: 100 micro-USD are 0.01 cents. */
const centsPerUnit = String(unitMicros / fromCents(1));

/**
 * Writes the overage meter and its prices to Stripe (M16). Idempotent.
 * @returns the number of changes made (or, in a dry run, needed)
 * @throws AppError billing_unavailable
 */
export async function syncMeter({ dryRun, report }: SyncOptions): Promise<number> {
  const verb = dryRun ? "would be" : "was";
  const isProductNew = await upsertProduct(product, dryRun);
  if (isProductNew) report(`${product.name}: the product ${verb} written`);
  const existingId = await findMeter(overageMeter.eventName);
  if (existingId === null) report(`${overageMeter.eventName}: the meter ${verb} made`);
  const meterId = existingId ?? (dryRun ? "" : await createMeter(overageMeter));
  let changes = (isProductNew ? 1 : 0) + (existingId === null ? 1 : 0);
  for (const interval of ["month", "year"] as const)
    changes += await syncPrice(overagePrice(interval, meterId), { dryRun, report });
  return changes;
}

function overagePrice(interval: Interval, meterId: string): MeteredPrice {
  return { productId: product.id, lookupKey: overagePrices[interval], meterId, interval, centsPerUnit };
}

async function syncPrice(price: MeteredPrice, { dryRun, report }: SyncOptions): Promise<number> {
  if ((await findMeteredPrice(price)) !== null) return 0;
  const { lookupKey, interval } = price;
  report(
    `${lookupKey}: ${centsPerUnit} cents a unit, billed each ${interval}, ${dryRun ? "would be" : "was"} made`,
  );
  if (dryRun) return 1;
  const older = await findPriceByLookupKey(lookupKey);
  await createMeteredPrice(price);
  if (older !== null) await retirePrice(older.id);
  return 1;
}
