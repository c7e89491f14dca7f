import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { emitDiscountsCreated } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { discountIdsOf, withDiscounts } from "#sandbox/stripe/discounts/subscription-discounts.ts";
import { fullPeriodParts } from "#sandbox/stripe/invoices/invoice-lines.ts";
import type { InvoiceInput } from "#sandbox/stripe/invoices/invoice-object.ts";
import { draftInvoice, finalizeInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { amend, create, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { finalizeAndCollect } from "#sandbox/stripe/subscriptions/collect.ts";
import { addInvoiceItems, type OneTimeItem } from "#sandbox/stripe/subscriptions/one-time-items.ts";
import { markFreeStart } from "#sandbox/stripe/subscriptions/start/billing-anchor.ts";
import { elapsedParts } from "#sandbox/stripe/subscriptions/start/elapsed-periods.ts";
import {
  buildSubscription,
  periodOf,
  type SubscriptionInput,
} from "#sandbox/stripe/subscriptions/subscription-object.ts";

export type FirstPayment = {
  /** A payment that already succeeded for the first invoice (Checkout pays first). */
  paidIntent?: string | null;
  /** Whether the caller confirms the first invoice (`payment_behavior: default_incomplete`). */
  leaveIncomplete?: boolean;
  /** Whether time before the first billing anchor is free (`proration_behavior: none`). */
  startsFree?: boolean;
  /** Which pending items the first invoice bills; see `InvoiceInput`. */
  pendingItems?: InvoiceInput["pendingItems"];
  /** One-time prices on the first invoice. */
  oneTimeItems?: OneTimeItem[];
  /** The schedule that starts this subscription. */
  schedule?: string;
};

const noticeSeconds = 3 * 86_400;

/** Creates a subscription, its first invoice and its first payment, in Stripe's order. */
export function createSubscription(
  world: World,
  input: SubscriptionInput,
  payment: FirstPayment = {},
): Stripe.Subscription {
  const at = nowFor(world, input.customer);
  const subscription = {
    ...withDiscounts(world, buildSubscription(world, input, at), input),
    latest_invoice: newStripeId("in"),
    schedule: payment.schedule ?? null,
  };
  create(world, world.tables.subscriptions, subscription, "customer.subscription.created");
  if (payment.startsFree) markFreeStart(world, subscription.id);
  emitDiscountsCreated(world, discountIdsOf(subscription));
  const { currency } = subscription;
  if (!findCustomer(world, input.customer).currency) {
    amend(world, world.tables.customers, input.customer, { currency }, "customer.updated");
  }
  addInvoiceItems(world, subscription, payment.oneTimeItems ?? [], at);
  const isTrial = subscription.status === "trialing";
  const invoice = draftInvoice(world, {
    id: subscription.latest_invoice,
    customer: findCustomer(world, input.customer),
    currency,
    subscription,
    reason: "subscription_create",
    parts: [
      ...(payment.startsFree ? [] : elapsedParts(world, subscription)),
      ...fullPeriodParts(world, subscription, subscription.items.data, isTrial),
    ],
    period: { start: at, end: at },
    ...(payment.pendingItems ? { pendingItems: payment.pendingItems } : {}),
  });
  // If payment is not required to start, the invoice stays a draft for an hour, like a renewal's.
  if (subscription.status !== "active" || invoice.amount_due === 0) {
    collectFirst(world, invoice, payment);
  }
  if (isTrial && periodOf(subscription).end - at <= noticeSeconds) noticeTrialEnd(world, subscription.id);
  return world.tables.subscriptions.get(subscription.id) ?? subscription;
}

/** Sends trial_will_end once. */
export function noticeTrialEnd(world: World, id: string): void {
  const subscription = world.tables.subscriptions.get(id);
  if (!subscription || noticedTrial(world, subscription)) return;
  world.tables.marks.put({ id: markOf(subscription) });
  emit(world, "customer.subscription.trial_will_end", subscription);
}

/** When trial_will_end is due, in seconds; null if it was sent. */
export function trialNoticeAt(world: World, subscription: Stripe.Subscription): number | null {
  if (subscription.status !== "trialing" || subscription.trial_end === null) return null;
  return noticedTrial(world, subscription) ? null : subscription.trial_end - noticeSeconds;
}

function collectFirst(world: World, invoice: Stripe.Invoice, payment: FirstPayment): void {
  if (payment.leaveIncomplete && invoice.amount_due > 0) finalizeInvoice(world, invoice.id);
  else finalizeAndCollect(world, invoice.id, { onSession: true, reuseIntent: payment.paidIntent ?? null });
}

function noticedTrial(world: World, subscription: Stripe.Subscription): boolean {
  return world.tables.marks.get(markOf(subscription)) !== undefined;
}

/** Resets the notice after the trial end was moved. */
function markOf({ id, trial_end: end }: Stripe.Subscription): string {
  return `trial_will_end:${id}:${end}`;
}
