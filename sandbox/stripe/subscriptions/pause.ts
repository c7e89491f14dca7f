import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { createInvoiceItem } from "#sandbox/stripe/invoices/create-invoice-item.ts";
import { draftInvoice, pendingItems } from "#sandbox/stripe/invoices/lifecycle.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { object, oneOf, paramsOf, required } from "#sandbox/stripe/protocol/params.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { finalizeAndCollect } from "#sandbox/stripe/subscriptions/collect.ts";
import { dropPendingUpdate } from "#sandbox/stripe/subscriptions/drop-pending-update.ts";
import { setPaused } from "#sandbox/stripe/subscriptions/paused-status.ts";
import { restOfPeriodParts } from "#sandbox/stripe/subscriptions/proration.ts";
import { periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";
import { usageParts } from "#sandbox/stripe/usage/usage-lines.ts";

export const pauseParams = paramsOf<Stripe.SubscriptionPauseParams>()({
  bill_for: object({
    outstanding_usage_through: object({ type: required(oneOf("none", "now")) }),
    unused_time_from: object({ type: required(oneOf("item_current_period_start", "none", "now")) }),
  }),
  invoicing_behavior: oneOf("invoice", "pending_invoice_item"),
  type: oneOf("subscription"),
});

/**
 * Pauses a subscription: no periods and invoices until it is resumed. Unused time is credited, usage is
 * billed.
 */
export function pauseSubscription(
  world: World,
  subscription: Stripe.Subscription,
  params: ReturnType<typeof pauseParams>,
): Stripe.Subscription {
  if (subscription.schedule !== null) {
    throw invalid("You cannot pause a subscription that is managed by a subscription schedule.");
  }
  if (subscription.status !== "active") {
    throw invalid(`Only active subscriptions can be paused. This subscription is ${subscription.status}.`);
  }
  const at = nowFor(world, idOf(subscription.customer));
  const customer = idOf(subscription.customer);
  dropPendingUpdate(world, subscription.id);
  const usage =
    params.bill_for?.outstanding_usage_through?.type === "none" ? [] : usageParts(world, subscription, at);
  for (const part of [...creditFor(world, subscription, params, at), ...usage]) {
    createInvoiceItem(world, { ...part, customer });
  }
  setPaused(world, world.tables.subscriptions.get(subscription.id) ?? subscription, "pause_requested");
  if (params.invoicing_behavior === "invoice" && pendingItems(world, customer, subscription.id).length > 0) {
    const invoice = draftInvoice(world, {
      customer: findCustomer(world, customer),
      currency: subscription.currency,
      subscription,
      reason: "subscription_update",
      parts: [],
      period: { start: periodOf(subscription).start, end: at },
    });
    finalizeAndCollect(world, invoice.id, { onSession: true });
  }
  return world.tables.subscriptions.get(subscription.id) ?? subscription;
}

function creditFor(
  world: World,
  subscription: Stripe.Subscription,
  { bill_for: billFor }: ReturnType<typeof pauseParams>,
  at: number,
) {
  const from = billFor?.unused_time_from?.type ?? "now";
  if (from === "none") return [];
  const since = from === "now" ? at : periodOf(subscription).start;
  return restOfPeriodParts(world, subscription, subscription.items.data, since, -1);
}
