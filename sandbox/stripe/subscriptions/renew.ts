import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { methodToCharge } from "#sandbox/stripe/customers/payment-methods.ts";
import { fullPeriodParts, type LinePart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { draftInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { voidInvoice } from "#sandbox/stripe/invoices/void-invoice.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { cancelNow } from "#sandbox/stripe/subscriptions/cancel.ts";
import { settlePausedInvoice } from "#sandbox/stripe/subscriptions/pause-collection.ts";
import { setPaused } from "#sandbox/stripe/subscriptions/paused-status.ts";
import { periodEnd } from "#sandbox/stripe/subscriptions/periods.ts";
import { intervalOf, periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";
import { usageParts } from "#sandbox/stripe/usage/usage-lines.ts";

/** How long a first payment may stay open before the subscription expires. */
export const incompleteSeconds = 23 * 3600;

/**
 * Starts the next period and drafts its invoice; also ends a trial. `changed` contains the fields of a
 * schedule phase that starts with the period.
 */
export function startNextPeriod(world: World, id: string, changed: Partial<Stripe.Subscription> = {}): void {
  const subscription = world.tables.subscriptions.get(id);
  if (!subscription) return;
  if (subscription.status === "trialing" && endTrialWithoutCard(world, subscription)) return;
  const invoice = newStripeId("in");
  const renewed = { ...renewedSubscription({ ...subscription, ...changed }), latest_invoice: invoice };
  amend(world, world.tables.subscriptions, id, renewed, "customer.subscription.updated");
  draftInvoice(world, {
    id: invoice,
    customer: findCustomer(world, idOf(subscription.customer)),
    currency: subscription.currency,
    subscription: renewed,
    reason: "subscription_cycle",
    parts: renewalParts(world, subscription, renewed),
    period: { start: periodOf(subscription).start, end: periodOf(renewed).start },
    // Invoices of an unpaid subscription, and of paused collection, stay drafts.
    autoAdvance: subscription.status !== "unpaid" && subscription.pause_collection === null,
  });
  settlePausedInvoice(world, renewed, invoice);
}

/** The lines of a renewal: usage of the ended period, then the new period. */
export function renewalParts(
  world: World,
  ending: Stripe.Subscription,
  renewed: Stripe.Subscription,
): LinePart[] {
  return [
    ...usageParts(world, ending, periodOf(ending).end),
    ...fullPeriodParts(world, renewed, renewed.items.data, false),
  ];
}

/** The subscription in its next period. */
export function renewedSubscription(subscription: Stripe.Subscription): Stripe.Subscription {
  const start = periodOf(subscription).end;
  const end = periodEnd(subscription.billing_cycle_anchor, intervalOf(subscription), start);
  const items = subscription.items.data.map((item) => ({
    ...item,
    current_period_start: start,
    current_period_end: end,
  }));
  return {
    ...subscription,
    items: { ...subscription.items, data: items },
    status: subscription.status === "trialing" ? "active" : subscription.status,
  };
}

/** Expires an incomplete subscription and voids its invoice. */
export function expireIncomplete(world: World, id: string): void {
  const subscription = world.tables.subscriptions.get(id);
  if (!subscription) return;
  const invoice = idOrNull(subscription.latest_invoice);
  if (invoice && world.tables.invoices.get(invoice)?.status === "open") voidInvoice(world, invoice);
  const patch = { status: "incomplete_expired", ended_at: subscription.created + incompleteSeconds };
  amend(world, world.tables.subscriptions, id, patch, "customer.subscription.updated");
}

/** Ends a trial without a card by its settings; true if it was canceled or paused. */
export function endTrialWithoutCard(world: World, subscription: Stripe.Subscription): boolean {
  if (subscription.collection_method === "send_invoice") return false;
  if (methodToCharge(world, subscription, idOf(subscription.customer)) !== null) return false;
  const behavior = subscription.trial_settings?.end_behavior.missing_payment_method;
  if (behavior === "cancel") cancelNow(world, subscription.id, "cancellation_requested");
  if (behavior === "pause") setPaused(world, subscription, "trial_end_without_payment_method");
  return behavior === "cancel" || behavior === "pause";
}
