import type Stripe from "stripe";
import { itemsOf, type PriceChange } from "#lib/gateways/stripe-changes.ts";
import { ask, stripe } from "#lib/gateways/stripe-client.ts";
import { type StripeSubscription, subscriptionOf, trialMark } from "#lib/gateways/stripe-objects.ts";

/** What a Checkout for a trial says of its subscription. Without a card at its end it ends; it never becomes a debt. */
export function trialData(
  metadata: Record<string, string>,
  days: number,
): Stripe.Checkout.SessionCreateParams.SubscriptionData {
  return {
    metadata: { ...metadata, ...trialMark },
    trial_period_days: days,
    trial_settings: { end_behavior: { missing_payment_method: "cancel" } },
  };
}

/** Ends a trial at once. Nothing is invoiced, nothing is charged. @returns the subscription as it ended */
export async function cancelTrialNow(subscriptionId: string): Promise<StripeSubscription> {
  const ended = await ask(() =>
    stripe().subscriptions.cancel(subscriptionId, { invoice_now: false, prorate: false }),
  );
  return subscriptionOf(ended);
}

/** Changes the price that a trial leads to. The trial runs to its own end, and nothing is charged before it, so twice is once. */
export async function changePriceInTrial(change: PriceChange): Promise<void> {
  const items = itemsOf(change);
  await ask(() =>
    stripe().subscriptions.update(change.subscriptionId, { items, proration_behavior: "none" }),
  );
}
