import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/customers.ts";
import { wholePeriodParts } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { draftInvoice, finalizeInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { create, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { finalizeAndCollect } from "#sandbox/stripe/subscriptions/collect.ts";
import {
  buildSubscription,
  periodOf,
  type SubscriptionInput,
} from "#sandbox/stripe/subscriptions/subscription-object.ts";

export type FirstPayment = {
  /** A payment that already succeeded for the first invoice (Checkout pays before it subscribes). */
  paidIntent?: string | null;
  /** Whether the first invoice is left for the caller to confirm (`payment_behavior: default_incomplete`). */
  leaveIncomplete?: boolean;
};

const noticeSeconds = 3 * 86_400;

/** Starts a subscription: object, first invoice, first payment, in Stripe's order. */
export function createSubscription(
  world: World,
  input: SubscriptionInput,
  payment: FirstPayment = {},
): Stripe.Subscription {
  const at = nowFor(world, input.customer);
  const subscription = buildSubscription(world, input, at);
  create(world, world.tables.subscriptions, subscription, "customer.subscription.created");
  const customer = findCustomer(world, input.customer);
  if (!customer.currency) world.tables.customers.put({ ...customer, currency: subscription.currency });
  const isTrial = subscription.status === "trialing";
  const invoice = draftInvoice(world, {
    customer: findCustomer(world, input.customer),
    currency: subscription.currency,
    subscription,
    reason: "subscription_create",
    parts: wholePeriodParts(world, subscription, subscription.items.data, isTrial),
    period: { start: at, end: at },
  });
  if (payment.leaveIncomplete && invoice.amount_due > 0) finalizeInvoice(world, invoice.id);
  else finalizeAndCollect(world, invoice.id, { onSession: true, reuseIntent: payment.paidIntent ?? null });
  if (isTrial && periodOf(subscription).end - at <= noticeSeconds) noticeTrialEnd(world, subscription.id);
  return world.tables.subscriptions.get(subscription.id) ?? subscription;
}

/** Says once that a trial is about to end. */
export function noticeTrialEnd(world: World, id: string): void {
  const subscription = world.tables.subscriptions.get(id);
  if (!subscription || world.tables.marks.get(`trial_will_end:${id}`)) return;
  world.tables.marks.put({ id: `trial_will_end:${id}` });
  emit(world, "customer.subscription.trial_will_end", subscription);
}

/** When the notice of a trial's end is due, in seconds; null when there is none to give any more. */
export function trialNoticeAt(world: World, subscription: Stripe.Subscription): number | null {
  if (subscription.status !== "trialing" || subscription.trial_end === null) return null;
  if (world.tables.marks.get(`trial_will_end:${subscription.id}`)) return null;
  return subscription.trial_end - noticeSeconds;
}
