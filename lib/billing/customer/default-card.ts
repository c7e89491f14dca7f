import { findCurrentAtStripe } from "#lib/billing/customer/current-subscription.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { isOngoing } from "#lib/billing/customer/subscription-statuses.ts";
import type { StripeCard } from "#lib/gateways/stripe/card.ts";

/**
 * Returns the card that Stripe charges next: the current subscription's own card, otherwise the customer's.
 * @returns null without a card, or when the customer pays by another method
 */
export function findDefaultCard({
  details,
  subscriptions,
}: Pick<CustomerState, "details" | "subscriptions">): StripeCard | null {
  if (details === null) return null;
  const current = findCurrentAtStripe(subscriptions);
  const ownCard = current !== null && isOngoing(current) ? current.card : null;
  return ownCard ?? details.card;
}
