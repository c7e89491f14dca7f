import type Stripe from "stripe";
import { findInvoiceSubscription } from "#sandbox/stripe/invoices/invoice-object.ts";
import { pendingItems } from "#sandbox/stripe/invoices/lifecycle.ts";
import { followCancellation } from "#sandbox/stripe/schedules/follow-cancellation.ts";
import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { dropPendingUpdate } from "#sandbox/stripe/subscriptions/drop-pending-update.ts";

export type CancelReason = "cancellation_requested" | "payment_failed" | "payment_disputed";

/** Cancels a subscription after the last retry, without credit or further billing. */
export function abandonSubscription(world: World, subscription: Stripe.Subscription): void {
  dropPendingUpdate(world, subscription.id);
  stopCollecting(world, subscription.id);
  discardProrations(world, subscription);
  markCanceled(world, subscription.id, "payment_failed");
}

/** Sets a subscription to canceled with a reason. */
export function markCanceled(
  world: World,
  id: string,
  reason: CancelReason,
  details: Partial<Stripe.Subscription.CancellationDetails> = {},
): Stripe.Subscription {
  const present = world.tables.subscriptions.get(id);
  if (!present) throw new Error(`no subscription ${id} to cancel`);
  const at = nowFor(world, idOf(present.customer));
  const canceled = world.tables.subscriptions.put({
    ...present,
    canceled_at: present.canceled_at ?? at,
    cancellation_details: {
      comment: null,
      feedback: null,
      feedback_option: null,
      ...present.cancellation_details,
      ...details,
      reason: present.cancellation_details?.reason ?? reason,
    },
    ended_at: at,
    status: "canceled",
  });
  emit(world, "customer.subscription.deleted", canceled);
  followCancellation(world, canceled, reason === "payment_failed");
  return canceled;
}

/** Stops automatic collection of a subscription's open invoices. */
export function stopCollecting(world: World, subscription: string): void {
  for (const invoice of world.tables.invoices.filter(
    (row) => row.status === "open" || row.status === "draft",
  )) {
    if (findInvoiceSubscription(world, invoice)?.id !== subscription) continue;
    const patch = { auto_advance: false, automatically_finalizes_at: null, next_payment_attempt: null };
    amend(world, world.tables.invoices, invoice.id, patch, "invoice.updated");
  }
}

/** Discards pending prorations. */
export function discardProrations(world: World, subscription: Stripe.Subscription): void {
  for (const item of pendingItems(world, idOf(subscription.customer), subscription.id)) {
    if (!item.proration || item.parent?.subscription_details?.subscription !== subscription.id) continue;
    world.tables.invoiceItems.delete(item.id);
    world.tables.tombstones.put({ id: item.id, object: "invoiceitem", deleted: true });
    emit(world, "invoiceitem.deleted", item);
  }
}
