import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/customers.ts";
import {
  type LinePart,
  partOfInvoiceItem,
  wholePeriodParts,
} from "#sandbox/stripe/invoices/invoice-lines.ts";
import { buildInvoice } from "#sandbox/stripe/invoices/invoice-object.ts";
import { pendingItems } from "#sandbox/stripe/invoices/lifecycle.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { clearable, flag, object, oneOf, paramsOf, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { planChange } from "#sandbox/stripe/subscriptions/proration.ts";
import { renewedSubscription } from "#sandbox/stripe/subscriptions/renew.ts";
import { periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";
import { itemsParam, wantedItems } from "#sandbox/stripe/subscriptions/update-subscription.ts";

export const previewParams = paramsOf<Stripe.InvoiceCreatePreviewParams>()({
  customer: text(),
  subscription: text(),
  subscription_details: object({
    billing_cycle_anchor: object({ type: oneOf("now", "unchanged") }),
    cancel_at: clearable(whole()),
    cancel_at_period_end: flag(),
    items: itemsParam,
    proration_behavior: oneOf("create_prorations", "always_invoice", "none"),
    proration_date: whole(),
  }),
});

/** The invoice that would come, of a subscription as it is or as it would be changed. Nothing is written. */
export function previewInvoice(world: World, params: ReturnType<typeof previewParams>): Stripe.Invoice {
  const subscription = subscriptionToPreview(world, params);
  const customer = findCustomer(world, idOf(subscription.customer));
  const details = params.subscription_details;
  const at = details?.proration_date ?? nowFor(world, customer.id);
  const wanted = wantedItems(world, subscription, details?.items ?? []);
  const restarts = details?.billing_cycle_anchor?.type === "now";
  const change = planChange(world, subscription, wanted, at, restarts);
  const changed = { ...subscription, items: { ...subscription.items, data: change.items } };
  const isBilledNow = change.startsPeriod || details?.proration_behavior === "always_invoice";
  const endsFirst = details?.cancel_at_period_end ?? subscription.cancel_at !== null;
  if (!isBilledNow && endsFirst) {
    throw invalid(
      "No upcoming invoices for customer: the subscription is canceled before it renews.",
      undefined,
      "invoice_upcoming_none",
    );
  }
  const waiting = pendingItems(world, customer.id, subscription.id).map((item) =>
    partOfInvoiceItem(world, item),
  );
  const prorations = details?.proration_behavior === "none" ? [] : change.prorations;
  const parts = [...waiting, ...prorations, ...periodParts(world, changed, change.startsPeriod, isBilledNow)];
  const { start, end } = periodOf(subscription);
  const input = {
    customer,
    currency: subscription.currency,
    subscription: changed,
    reason: "upcoming" as const,
    parts,
    period: isBilledNow ? { start: at, end: at } : { start, end },
  };
  const created = isBilledNow ? at : end;
  return {
    ...buildInvoice(input, created, newStripeId("upcoming_in")),
    next_payment_attempt: isBilledNow ? at : end + 3600,
  };
}

function periodParts(
  world: World,
  subscription: Stripe.Subscription,
  startsPeriod: boolean,
  isBilledNow: boolean,
): LinePart[] {
  if (startsPeriod) return wholePeriodParts(world, subscription, subscription.items.data, false);
  if (isBilledNow) return [];
  const renewed = renewedSubscription(subscription);
  return wholePeriodParts(world, renewed, renewed.items.data, false);
}

function subscriptionToPreview(world: World, params: ReturnType<typeof previewParams>): Stripe.Subscription {
  if (params.subscription !== undefined) {
    const subscription = world.tables.subscriptions.get(params.subscription);
    if (!subscription) throw missing("subscription", params.subscription, "subscription");
    return subscription;
  }
  if (params.customer === undefined)
    throw invalid("You must pass one of `subscription` or `customer`.", "customer");
  const running = world.tables.subscriptions.filter(
    (row) => row.customer === params.customer && row.status !== "canceled",
  )[0];
  if (!running)
    throw invalid(
      `No upcoming invoices for customer: ${params.customer}`,
      undefined,
      "invoice_upcoming_none",
    );
  return running;
}
