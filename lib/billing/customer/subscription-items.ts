import { isOverageKey } from "#lib/billing/catalog/overage-prices.ts";
import { findOffer, type Offer } from "#lib/billing/catalog/plans.ts";
import { findPlanItem } from "#lib/billing/customer/current-subscription.ts";
import type { StripeSubscriptionItem } from "#lib/gateways/stripe/objects.ts";

/**
 * Returns the item of a subscription that bills one of our plans, and its offer; undefined without such an
 * item.
 */
export function planItemOf(
  items: readonly StripeSubscriptionItem[],
): { item: StripeSubscriptionItem; offer: Offer } | undefined {
  const candidates = items.map((item) => ({ id: item.id, lookupKey: item.price.lookupKey, item }));
  const found = findPlanItem(candidates);
  const offer = findOffer(found?.lookupKey ?? null);
  return found === undefined || offer === undefined ? undefined : { item: found.item, offer };
}

/** Returns the item of a subscription that bills overage (M16); undefined without such an item. */
export function meteredItemOf(items: readonly StripeSubscriptionItem[]): StripeSubscriptionItem | undefined {
  return items.find(({ price }) => isOverageKey(price.lookupKey));
}
