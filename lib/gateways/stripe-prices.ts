import { ask, stripe } from "#lib/gateways/stripe-client.ts";
import { priceOf, type StripePrice } from "#lib/gateways/stripe-objects.ts";
import { singleton } from "#lib/ground/singleton.ts";

const knownPrices = () => singleton("gateways.stripe.prices", () => new Map<string, StripePrice>());

/**
 * A price by its id. What a price costs never changes at Stripe, so one look a process is enough.
 * @throws AppError billing_unavailable
 */
export async function findPrice(id: string): Promise<StripePrice> {
  const known = knownPrices().get(id);
  if (known !== undefined) return known;
  const price = priceOf(await ask(() => stripe().prices.retrieve(id)));
  knownPrices().set(id, price);
  return price;
}

/** The active price that holds a lookup key; null when the catalogue was never brought to Stripe. */
export async function findPriceByLookupKey(lookupKey: string): Promise<StripePrice | null> {
  const page = await ask(() => stripe().prices.list({ lookup_keys: [lookupKey], active: true, limit: 1 }));
  return page.data[0] === undefined ? null : priceOf(page.data[0]);
}
