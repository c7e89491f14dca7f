import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/customers.ts";
import { createInvoiceItem } from "#sandbox/stripe/invoices/invoice-items.ts";
import { subscriptionOf } from "#sandbox/stripe/invoices/invoice-object.ts";
import { draftInvoice, pendingItems } from "#sandbox/stripe/invoices/lifecycle.ts";
import { followCancellation } from "#sandbox/stripe/schedules/follow-cancellation.ts";
import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { finalizeAndCollect } from "#sandbox/stripe/subscriptions/collect.ts";
import { dropPendingUpdate } from "#sandbox/stripe/subscriptions/drop-pending-update.ts";
import { restOfPeriodParts } from "#sandbox/stripe/subscriptions/proration.ts";
import { periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";
import { usageParts } from "#sandbox/stripe/usage/usage-lines.ts";

type Reason = "cancellation_requested" | "payment_failed" | "payment_disputed";
export type CancelTerms = {
  details?: Partial<Stripe.Subscription.CancellationDetails>;
  /** Whether the unused time is credited. */
  prorates?: boolean;
  /** Whether what is not billed yet (usage, prorations) is billed by a last invoice. */
  invoicesNow?: boolean;
};

/** Ends a subscription at once. What it still owes stays open, and is no longer collected by itself. */
export function cancelNow(
  world: World,
  id: string,
  reason: Reason,
  terms: CancelTerms = {},
): Stripe.Subscription {
  const subscription = world.tables.subscriptions.get(id);
  if (!subscription) throw new Error(`no subscription ${id} to cancel`);
  const at = nowFor(world, idOf(subscription.customer));
  dropPendingUpdate(world, id);
  stopCollecting(world, id);
  settleRest(world, subscription, at, terms);
  const present = world.tables.subscriptions.get(id) ?? subscription;
  const canceled = world.tables.subscriptions.put({
    ...present,
    canceled_at: present.canceled_at ?? at,
    cancellation_details: {
      comment: null,
      feedback: null,
      feedback_option: null,
      ...present.cancellation_details,
      ...terms.details,
      reason: present.cancellation_details?.reason ?? reason,
    },
    ended_at: at,
    status: "canceled",
  });
  emit(world, "customer.subscription.deleted", canceled);
  followCancellation(world, canceled, reason === "payment_failed");
  return canceled;
}

/** Ends a subscription at the moment it was set to end. What was used up to then is billed like a renewal. */
export function cancelAtEnd(world: World, id: string): void {
  const subscription = world.tables.subscriptions.get(id);
  if (!subscription) return;
  const at = nowFor(world, idOf(subscription.customer));
  const parts = usageParts(world, subscription, at);
  cancelNow(world, id, "cancellation_requested");
  if (parts.length === 0) return;
  draftInvoice(world, {
    customer: findCustomer(world, idOf(subscription.customer)),
    currency: subscription.currency,
    subscription,
    reason: "subscription_cycle",
    parts,
    period: { start: periodOf(subscription).start, end: at },
  });
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

/** Credit for unused time, and a last invoice, where the call asks for them; else pending prorations are forgotten. */
function settleRest(world: World, subscription: Stripe.Subscription, at: number, terms: CancelTerms): void {
  const customer = idOf(subscription.customer);
  const isTrial = subscription.status === "trialing";
  if (terms.prorates && !isTrial) {
    for (const part of restOfPeriodParts(world, subscription, subscription.items.data, at, -1)) {
      createInvoiceItem(world, { ...part, customer });
    }
  }
  if (!terms.invoicesNow) {
    if (!terms.prorates) forgetProrations(world, subscription);
    return;
  }
  const parts = usageParts(world, subscription, at);
  if (parts.length === 0 && pendingItems(world, customer, subscription.id).length === 0) return;
  const invoice = draftInvoice(world, {
    customer: findCustomer(world, customer),
    currency: subscription.currency,
    subscription,
    reason: "subscription_update",
    parts,
    period: { start: periodOf(subscription).start, end: at },
  });
  finalizeAndCollect(world, invoice.id, { onSession: false });
}

function forgetProrations(world: World, subscription: Stripe.Subscription): void {
  for (const item of pendingItems(world, idOf(subscription.customer), subscription.id)) {
    if (!item.proration || item.parent?.subscription_details?.subscription !== subscription.id) continue;
    world.tables.invoiceItems.delete(item.id);
    world.tables.tombstones.put({ id: item.id, object: "invoiceitem", deleted: true });
    emit(world, "invoiceitem.deleted", item);
  }
}
