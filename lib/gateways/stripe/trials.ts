import type Stripe from "stripe";
import { callStripe, stripe } from "#lib/gateways/stripe/client.ts";
import { type StripeSubscription, toSubscription, trialMetadata } from "#lib/gateways/stripe/objects.ts";

/**
 * Returns the subscription parameters of a Checkout for a trial. A trial without a card at its end is
 * canceled, so that it never becomes a debt.
 */
export function trialSubscriptionData(
  metadata: Record<string, string>,
  days: number,
): Stripe.Checkout.SessionCreateParams.SubscriptionData {
  return {
    metadata: { ...metadata, ...trialMetadata },
    trial_period_days: days,
    trial_settings: { end_behavior: { missing_payment_method: "cancel" } },
  };
}

/** Cancels a trial immediately, without an invoice. @returns the canceled subscription */
export async function cancelTrialNow(subscriptionId: string): Promise<StripeSubscription> {
  const ended = await callStripe(() =>
    stripe().subscriptions.cancel(subscriptionId, { invoice_now: false, prorate: false }),
  );
  return toSubscription(ended);
}
