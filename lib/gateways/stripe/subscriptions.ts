import { callStripe, stripe, stripeErrorOf } from "#lib/gateways/stripe/client.ts";
import { type StripeSubscription, toSubscription } from "#lib/gateways/stripe/objects.ts";

const pageSize = 100;

/** Lists every subscription that a customer ever had. */
export async function listSubscriptions(customerId: string): Promise<StripeSubscription[]> {
  return callStripe(async () => {
    const found: StripeSubscription[] = [];
    const expand = ["data.default_payment_method", "data.discounts.source.coupon"];
    const query = { customer: customerId, status: "all" as const, limit: pageSize, expand };
    for await (const subscription of stripe().subscriptions.list(query))
      found.push(toSubscription(subscription));
    return found;
  });
}

/** Cancels a subscription at the end of its period. Idempotent. */
export async function cancelSubscriptionAtPeriodEnd(id: string): Promise<void> {
  await callStripe(() => stripe().subscriptions.update(id, { cancel_at_period_end: true }));
}

/** Undoes a cancellation that has not taken effect, whether it names the period's end or a date. */
export async function undoCancellation(id: string, cancelsAt: "period_end" | "date"): Promise<void> {
  const change = cancelsAt === "period_end" ? { cancel_at_period_end: false } : { cancel_at: "" as const };
  await callStripe(() => stripe().subscriptions.update(id, change));
}

/**
 * Cancels a subscription immediately. Stripe invoices metered usage so far and refunds nothing (M14). A
 * subscription that no longer exists is no error.
 */
export async function cancelSubscriptionNow(id: string): Promise<void> {
  try {
    await callStripe(() => stripe().subscriptions.cancel(id, { invoice_now: true, prorate: false }));
  } catch (error) {
    if (stripeErrorOf(error)?.code !== "resource_missing") throw error;
  }
}
