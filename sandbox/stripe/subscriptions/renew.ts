import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/customers.ts";
import { methodToCharge } from "#sandbox/stripe/customers/payment-methods.ts";
import { wholePeriodParts } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { draftInvoice, voidInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { amend, emit } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { cancelNow } from "#sandbox/stripe/subscriptions/cancel.ts";
import { periodEnd } from "#sandbox/stripe/subscriptions/periods.ts";
import { intervalOf, periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

/** How long a first payment may stay open before the subscription is given up. */
export const incompleteSeconds = 23 * 3600;

/** A period is over: the next begins, and its invoice is drafted. Also how a trial ends. */
export function startNextPeriod(world: World, id: string): void {
  const subscription = world.tables.subscriptions.get(id);
  if (!subscription) return;
  if (subscription.status === "trialing" && endTrialWithoutCard(world, subscription)) return;
  const renewed = renewedSubscription(subscription);
  const { start } = periodOf(renewed);
  amend(world, world.tables.subscriptions, id, renewed, "customer.subscription.updated");
  draftInvoice(world, {
    customer: findCustomer(world, idOf(subscription.customer)),
    currency: subscription.currency,
    subscription: renewed,
    reason: "subscription_cycle",
    parts: wholePeriodParts(world, renewed, renewed.items.data, false),
    period: { start: periodOf(subscription).start, end: start },
  });
}

/** The subscription as it will be in its next period. */
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

/** A first payment that never came: the subscription is given up and its invoice voided. */
export function expireIncomplete(world: World, id: string): void {
  const subscription = world.tables.subscriptions.get(id);
  if (!subscription) return;
  const invoice = idOrNull(subscription.latest_invoice);
  if (invoice && world.tables.invoices.get(invoice)?.status === "open") voidInvoice(world, invoice);
  const patch = { status: "incomplete_expired", ended_at: subscription.created + incompleteSeconds };
  amend(world, world.tables.subscriptions, id, patch, "customer.subscription.updated");
}

/** Without a card, a trial ends as its settings say: canceled or paused here; true when that was it. */
function endTrialWithoutCard(world: World, subscription: Stripe.Subscription): boolean {
  if (methodToCharge(world, subscription, idOf(subscription.customer)) !== null) return false;
  const wish = subscription.trial_settings?.end_behavior.missing_payment_method;
  if (wish === "cancel") {
    cancelNow(world, subscription.id, "cancellation_requested");
    return true;
  }
  if (wish !== "pause") return false;
  const paused = amend(
    world,
    world.tables.subscriptions,
    subscription.id,
    { status: "paused" },
    "customer.subscription.updated",
  );
  emit(world, "customer.subscription.paused", paused);
  return true;
}
