import { singleton } from "#lib/core/singleton.ts";
import { callStripe, callStripeOrNull, stripe } from "#lib/gateways/stripe/client.ts";
import { type StripePrice, toPrice } from "#lib/gateways/stripe/objects.ts";

const cachedPrices = () => singleton("gateways.stripe.prices", () => new Map<string, StripePrice>());

/**
 * Returns a price by its id. Prices never change at Stripe, so each process fetches a price once.
 * @throws AppError billing_unavailable
 */
export async function findPrice(id: string): Promise<StripePrice> {
  const cached = cachedPrices().get(id);
  if (cached !== undefined) return cached;
  const price = toPrice(await callStripe(() => stripe().prices.retrieve(id)));
  cachedPrices().set(id, price);
  return price;
}

const productNames = () => singleton("gateways.stripe.products", () => new Map<string, string>());

/**
 * Returns a product's name, as this process first read it; the id for a product that does not exist.
 * @throws AppError billing_unavailable
 */
export async function findProductName(id: string): Promise<string> {
  const cached = productNames().get(id);
  if (cached !== undefined) return cached;
  const product = await callStripeOrNull(() => stripe().products.retrieve(id));
  const name = product?.name ?? id;
  productNames().set(id, name);
  return name;
}

/** Returns the active price with a lookup key; null when the catalog was never synced to Stripe. */
export async function findPriceByLookupKey(lookupKey: string): Promise<StripePrice | null> {
  const page = await callStripe(() =>
    stripe().prices.list({ lookup_keys: [lookupKey], active: true, limit: 1 }),
  );
  return page.data[0] === undefined ? null : toPrice(page.data[0]);
}
