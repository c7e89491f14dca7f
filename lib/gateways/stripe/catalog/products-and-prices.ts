import { callStripe, callStripeOrNull, stripe } from "#lib/gateways/stripe/client.ts";
import { type StripePrice, toPrice } from "#lib/gateways/stripe/objects.ts";

/**
 * Creates a product, or updates its name and description.
 * @param dryRun only compares
 * @returns whether something was (or would be) changed
 */
export async function upsertProduct(
  product: { id: string; name: string; description: string },
  dryRun: boolean,
): Promise<boolean> {
  const { id, ...fields } = product;
  const existing = await callStripeOrNull(() => stripe().products.retrieve(id));
  const isSame =
    existing !== null &&
    existing.name === fields.name &&
    existing.description === fields.description &&
    existing.active;
  if (isSame || dryRun) return !isSame;
  await callStripe(() =>
    existing === null
      ? stripe().products.create(product)
      : stripe().products.update(id, { ...fields, active: true }),
  );
  return true;
}

/** A price to create; a null interval means a one-time price. */
export type NewPrice = {
  productId: string;
  lookupKey: string;
  cents: number;
  interval: "month" | "year" | null;
};

/** Creates a price. It takes over its lookup key from an older price. */
export async function createPrice(price: NewPrice): Promise<StripePrice> {
  const { productId, lookupKey, cents, interval } = price;
  const created = await callStripe(() =>
    stripe().prices.create({
      product: productId,
      currency: "usd",
      unit_amount: cents,
      ...(interval !== null && { recurring: { interval } }),
      lookup_key: lookupKey,
      transfer_lookup_key: true,
      metadata: { lookup_key: lookupKey },
    }),
  );
  return toPrice(created);
}

/** Deactivates a price for new customers. Existing subscriptions keep it. */
export async function retirePrice(id: string): Promise<void> {
  await callStripe(() => stripe().prices.update(id, { active: false }));
}
