import { isRunning } from "#lib/billing/decide-checkout.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";
import type { StripeCard } from "#lib/gateways/stripe-card.ts";

/**
 * The card that the next payment is taken from. As with Stripe, a subscription's own goes before the customer's.
 * @returns null where there is none, or where the customer pays by something that is no card
 */
export function chargedCardOf({
  details,
  subscriptions,
}: Pick<CustomerState, "details" | "subscriptions">): StripeCard | null {
  if (details === null) return null;
  return subscriptions.find(isRunning)?.card ?? details.card;
}
