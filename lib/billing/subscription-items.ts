import { isOverageKey } from "#lib/billing/overage-prices.ts";
import { findOffer, type Offer } from "#lib/billing/plans.ts";
import type { StripeSubscriptionItem } from "#lib/gateways/stripe-objects.ts";

/** The item of a subscription that is one of our plans, and what it offers; undefined where there is none. */
export function planItemOf(
  items: readonly StripeSubscriptionItem[],
): { item: StripeSubscriptionItem; offer: Offer } | undefined {
  for (const item of items) {
    const offer = findOffer(item.price.lookupKey);
    if (offer !== undefined) return { item, offer };
  }
  return undefined;
}

/** The item by which use beyond credit is billed (M16). */
export function meteredItemOf(items: readonly StripeSubscriptionItem[]): StripeSubscriptionItem | undefined {
  return items.find(({ price }) => isOverageKey(price.lookupKey));
}
