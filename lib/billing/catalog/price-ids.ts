import { AppError } from "#lib/core/errors.ts";
import { findPriceByLookupKey } from "#lib/gateways/stripe/catalog/find-price.ts";

/**
 * Returns Stripe's id of one of our prices.
 * @throws AppError billing_unavailable, also when the catalog was never synced to Stripe
 */
export async function requirePriceId(lookupKey: string): Promise<string> {
  const price = await findPriceByLookupKey(lookupKey);
  if (price === null)
    throw new AppError("billing_unavailable", {
      details: { missingPrice: lookupKey, remedy: "npm run billing:sync" },
    });
  return price.id;
}
