import { isOverageKey } from "#lib/billing/catalog/overage-prices.ts";
import { findOffer, findTopUp } from "#lib/billing/catalog/plans.ts";
import { findCheckoutOffer } from "#lib/billing/catalog/trial-offer.ts";
import { findPlanItem } from "#lib/billing/customer/current-subscription.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";
import type { StripeCheckoutSession, StripeSubscription } from "#lib/gateways/stripe/objects.ts";
import { listSubscriptions } from "#lib/gateways/stripe/subscriptions.ts";

/** Whether a subscription bills one of our plans. Others belong to other products of the same customer. */
export function isPlanSubscription({ items }: Pick<StripeSubscription, "items">): boolean {
  return findPlanItem(items.map(({ id, price }) => ({ id, lookupKey: price.lookupKey }))) !== undefined;
}

/** Whether a Checkout session sells something of ours, or replaces the card. */
export function isOurSession({ lookupKey, isCardChange }: StripeCheckoutSession): boolean {
  if (lookupKey === null) return isCardChange;
  return isCardChange || findCheckoutOffer(lookupKey) !== undefined || findTopUp(lookupKey) !== undefined;
}

/**
 * Whether an invoice is of another product's subscription: it bills no price of ours, and its subscription
 * has no plan of ours. An invoice without a subscription, which the operator made, is ours.
 * @param subscriptions the customer's subscriptions with one of our plans
 */
export function isForeignInvoice(
  { subscriptionId, lines }: StripeInvoice,
  subscriptions: readonly StripeSubscription[],
  lookupKeys: ReadonlyMap<string, string | null>,
): boolean {
  if (subscriptionId === null || subscriptions.some(({ id }) => id === subscriptionId)) return false;
  return !lines.some(({ priceId }) => isOurPrice(lookupKeys.get(priceId ?? "") ?? null));
}

/** Whether a lookup key is one of our catalog: of a plan, a top-up or overage. */
export function isOurPrice(lookupKey: string | null): boolean {
  return findOffer(lookupKey) !== undefined || findTopUp(lookupKey) !== undefined || isOverageKey(lookupKey);
}

/**
 * Lists every subscription with one of our plans that a customer ever had.
 * @throws AppError billing_unavailable
 */
export async function listPlanSubscriptions(customerId: string): Promise<StripeSubscription[]> {
  return (await listSubscriptions(customerId)).filter(isPlanSubscription);
}
