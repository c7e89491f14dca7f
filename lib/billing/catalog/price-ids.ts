import { raiseAlert } from "#lib/core/alerts.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import { findPriceByLookupKey } from "#lib/gateways/stripe/catalog/find-price.ts";
import type { StripePrice } from "#lib/gateways/stripe/objects.ts";

/**
 * Returns one of our prices at Stripe. If none is active, it was archived or the catalog was never synced,
 * and the operator is told.
 * @throws AppError purchase_refused without an active price; billing_unavailable
 */
export async function requirePrice(lookupKey: string): Promise<StripePrice> {
  const price = await findPriceByLookupKey(lookupKey);
  if (price !== null) return price;
  await raiseAlert({
    key: `billing.price:${lookupKey}`,
    title: "A price of the catalog is not for sale at Stripe",
    detail: `No active price has the lookup key ${lookupKey}. Activate it, or run npm run billing:sync.`,
  });
  const details = { missingPrice: lookupKey, remedy: "npm run billing:sync" };
  throw new AppError("purchase_refused", { details, reason: errorReason("notForSale") });
}

/** Returns Stripe's id of one of our prices; see `requirePrice`. */
export async function requirePriceId(lookupKey: string): Promise<string> {
  return (await requirePrice(lookupKey)).id;
}
