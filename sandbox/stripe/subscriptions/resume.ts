import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { createInvoiceItem } from "#sandbox/stripe/invoices/create-invoice-item.ts";
import { fullPeriodParts, type LinePart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { draftInvoice, finalizeInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { object, oneOf, paramsOf, required, whole } from "#sandbox/stripe/protocol/params.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { prorationBehavior } from "#sandbox/stripe/subscriptions/change-params.ts";
import { finalizeAndCollect, followPayment } from "#sandbox/stripe/subscriptions/collect.ts";
import { dropPendingUpdate } from "#sandbox/stripe/subscriptions/drop-pending-update.ts";
import { setResumed } from "#sandbox/stripe/subscriptions/paused-status.ts";
import { holdBack } from "#sandbox/stripe/subscriptions/pending-change.ts";
import { periodAround } from "#sandbox/stripe/subscriptions/periods.ts";
import { restOfPeriodParts } from "#sandbox/stripe/subscriptions/proration.ts";
import { intervalOf, periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

export const resumeParams = paramsOf<Stripe.SubscriptionResumeParams>()({
  billing_cycle_anchor: object({ type: required(oneOf("now", "unchanged")) }),
  payment_behavior: oneOf("resume_on_payment_attempt", "resume_on_payment_success"),
  proration_behavior: prorationBehavior,
  proration_date: whole(),
});
type ResumeParams = ReturnType<typeof resumeParams>;
type Plan = { patch: Partial<Stripe.Subscription>; period: LinePart[]; prorations: LinePart[] };

/**
 * Resumes a paused subscription. A new period starts now, or the billing anchor is kept and the rest of the
 * period is charged. If this creates an invoice, the subscription stays paused until it is paid.
 */
export function resumeSubscription(
  world: World,
  subscription: Stripe.Subscription,
  params: ResumeParams,
): Stripe.Subscription {
  const { id } = subscription;
  if (subscription.status !== "paused") {
    throw invalid(`Only paused subscriptions can be resumed. This subscription is ${subscription.status}.`);
  }
  if (subscription.collection_method !== "charge_automatically") {
    throw invalid("Only subscriptions with `collection_method=charge_automatically` can be resumed.");
  }
  dropPendingUpdate(world, id);
  const at = nowFor(world, idOf(subscription.customer));
  const plan =
    params.billing_cycle_anchor?.type === "unchanged"
      ? planGoingOn(world, subscription, params, at)
      : planAnew(world, subscription, at);
  for (const part of plan.prorations) {
    createInvoiceItem(world, { ...part, customer: idOf(subscription.customer) });
  }
  const isBilledNow = plan.period.length > 0 || params.proration_behavior === "always_invoice";
  if (!isBilledNow) setResumed(world, subscription.id, plan.patch);
  else billResumption(world, subscription, plan, params, at);
  return world.tables.subscriptions.get(id) ?? subscription;
}

function planAnew(world: World, subscription: Stripe.Subscription, at: number): Plan {
  const patch = {
    ...periodPatch(subscription, periodAround(at, intervalOf(subscription), at)),
    billing_cycle_anchor: at,
  };
  const after = { ...subscription, ...patch };
  return { patch, period: fullPeriodParts(world, after, after.items.data, false), prorations: [] };
}

function planGoingOn(
  world: World,
  subscription: Stripe.Subscription,
  params: ResumeParams,
  at: number,
): Plan {
  const around = periodAround(subscription.billing_cycle_anchor, intervalOf(subscription), at);
  const present = periodOf(subscription);
  const whole = present.end > at ? present : around;
  const patch = periodPatch(subscription, whole);
  const after = { ...subscription, ...patch };
  const isFree = params.proration_behavior === "none";
  const date = params.proration_date ?? at;
  const rest = isFree ? [] : restOfPeriodParts(world, after, after.items.data, date, 1);
  return { patch, period: [], prorations: rest };
}

function periodPatch(
  subscription: Stripe.Subscription,
  period: { start: number; end: number },
): Pick<Stripe.Subscription, "items" | "status"> {
  const data = subscription.items.data.map((item) => ({
    ...item,
    current_period_start: period.start,
    current_period_end: period.end,
  }));
  return { items: { ...subscription.items, data }, status: "active" };
}

function billResumption(
  world: World,
  subscription: Stripe.Subscription,
  plan: Plan,
  params: ResumeParams,
  at: number,
): void {
  const invoice = newStripeId("in");
  const waits = params.payment_behavior === "resume_on_payment_success";
  if (waits) {
    holdBack(world, subscription, { invoice, patch: plan.patch, countsAnew: [], kind: "resume" });
  } else {
    setResumed(world, subscription.id, { ...plan.patch, latest_invoice: invoice });
  }
  draftInvoice(world, {
    id: invoice,
    customer: findCustomer(world, idOf(subscription.customer)),
    currency: subscription.currency,
    subscription: { ...subscription, ...plan.patch },
    reason: "subscription_update",
    parts: plan.period,
    period: { start: at, end: at },
  });
  if (!waits) finalizeAndCollect(world, invoice, { onSession: true });
  else if (finalizeInvoice(world, invoice).status === "paid") followPayment(world, invoice, "paid");
}
