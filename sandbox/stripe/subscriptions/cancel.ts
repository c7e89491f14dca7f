import type Stripe from "stripe";
import { subscriptionOf } from "#sandbox/stripe/invoices/invoice-object.ts";
import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Reason = "cancellation_requested" | "payment_failed";

/** Ends a subscription at once. What it still owes stays open, and is no longer collected by itself. */
export function cancelNow(
  world: World,
  id: string,
  reason: Reason,
  details: Partial<Stripe.Subscription.CancellationDetails> = {},
): Stripe.Subscription {
  const subscription = world.tables.subscriptions.get(id);
  if (!subscription) throw new Error(`no subscription ${id} to cancel`);
  const at = nowFor(world, idOf(subscription.customer));
  const canceled = world.tables.subscriptions.put({
    ...subscription,
    canceled_at: subscription.canceled_at ?? at,
    cancellation_details: {
      comment: null,
      feedback: null,
      feedback_option: null,
      ...subscription.cancellation_details,
      ...details,
      reason: subscription.cancellation_details?.reason ?? reason,
    },
    ended_at: at,
    status: "canceled",
  });
  emit(world, "customer.subscription.deleted", canceled);
  stopCollecting(world, id);
  return canceled;
}

/** Leaves the unpaid invoices of a subscription as they are: no more retries. */
export function stopCollecting(world: World, subscription: string): void {
  for (const invoice of world.tables.invoices.filter(
    (row) => row.status === "open" || row.status === "draft",
  )) {
    if (subscriptionOf(world, invoice)?.id !== subscription) continue;
    const patch = { auto_advance: false, automatically_finalizes_at: null, next_payment_attempt: null };
    amend(world, world.tables.invoices, invoice.id, patch, "invoice.updated");
  }
}

/** The fields that say when a subscription will end; null takes the intention back. */
export function endingPatch(
  subscription: Stripe.Subscription,
  ending: { cancelAt: number | null; isPeriodEnd: boolean; at: number },
): Partial<Stripe.Subscription> {
  const isSet = ending.cancelAt !== null;
  return {
    cancel_at: ending.cancelAt,
    cancel_at_period_end: ending.isPeriodEnd,
    canceled_at: isSet ? ending.at : null,
    cancellation_details: {
      comment: null,
      feedback: null,
      feedback_option: null,
      ...(isSet ? subscription.cancellation_details : {}),
      reason: isSet ? "cancellation_requested" : null,
    },
  };
}
