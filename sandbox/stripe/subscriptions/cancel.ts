import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { createInvoiceItem } from "#sandbox/stripe/invoices/create-invoice-item.ts";
import { draftInvoice, pendingItems } from "#sandbox/stripe/invoices/lifecycle.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { finalizeAndCollect } from "#sandbox/stripe/subscriptions/collect.ts";
import { dropPendingUpdate } from "#sandbox/stripe/subscriptions/drop-pending-update.ts";
import {
  type CancelReason,
  discardProrations,
  markCanceled,
  stopCollecting,
} from "#sandbox/stripe/subscriptions/end-subscription.ts";
import { restOfPeriodParts } from "#sandbox/stripe/subscriptions/proration.ts";
import { periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";
import { usageParts } from "#sandbox/stripe/usage/usage-lines.ts";

export type CancelTerms = {
  details?: Partial<Stripe.Subscription.CancellationDetails>;
  /** Whether unused time is credited. */
  prorates?: boolean;
  /** Whether unbilled usage and prorations are billed by a final invoice. */
  invoicesNow?: boolean;
};

/** Cancels a subscription immediately. Its open invoices stay open without automatic collection. */
export function cancelNow(
  world: World,
  id: string,
  reason: CancelReason,
  terms: CancelTerms = {},
): Stripe.Subscription {
  const subscription = world.tables.subscriptions.get(id);
  if (!subscription) throw new Error(`no subscription ${id} to cancel`);
  const at = nowFor(world, idOf(subscription.customer));
  dropPendingUpdate(world, id);
  stopCollecting(world, id);
  settleRest(world, subscription, at, terms);
  return markCanceled(world, id, reason, terms.details);
}

/** Ends a subscription at its scheduled end. Usage up to then is billed like in a renewal. */
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

/** Creates the requested credit and final invoice; otherwise pending prorations are discarded. */
function settleRest(world: World, subscription: Stripe.Subscription, at: number, terms: CancelTerms): void {
  const customer = idOf(subscription.customer);
  const isTrial = subscription.status === "trialing";
  if (terms.prorates && !isTrial) {
    for (const part of restOfPeriodParts(world, subscription, subscription.items.data, at, -1)) {
      createInvoiceItem(world, { ...part, customer });
    }
  }
  if (!terms.invoicesNow) {
    if (!terms.prorates) discardProrations(world, subscription);
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
