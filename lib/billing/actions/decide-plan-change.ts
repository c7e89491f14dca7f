import type { Offer } from "#lib/billing/catalog/plans.ts";
import { findCurrentAtStripe } from "#lib/billing/customer/current-subscription.ts";
import { planItemOf } from "#lib/billing/customer/subscription-items.ts";
import { isRunning } from "#lib/billing/customer/subscription-statuses.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import type { StripeSubscription, StripeSubscriptionItem } from "#lib/gateways/stripe/objects.ts";

/** A plan change and its time: upgrades now, downgrades with the next period. */
export type PlanChangeDecision = {
  when: "now" | "period_end";
  /**
   * The effect on a running trial: a higher plan is paid now and ends it, any other change keeps it; null
   * without a trial.
   */
  trial: "ends" | "continues" | null;
  subscription: StripeSubscription;
  item: StripeSubscriptionItem;
  from: Offer;
  to: Offer;
};

/**
 * Decides how to change to another offer. Pure. A change from yearly to monthly waits for the period's end
 * even for a higher plan, because the rest of a paid year is not refunded. In a trial nothing is paid, so
 * nothing waits: the trial is of Pro (M11), and a higher plan is paid before it is granted.
 * @param subscriptions as fetched under the customer's lock
 * @returns null when the offer is already in force and no other is scheduled
 * @throws AppError not_found (no running subscription), conflict (the subscription cannot be changed in its
 *   state)
 */
export function decidePlanChange(subscriptions: StripeSubscription[], to: Offer): PlanChangeDecision | null {
  const subscription = findCurrentAtStripe(subscriptions);
  const plan = planItemOf(subscription?.items ?? []);
  if (subscription === null || !isRunning(subscription) || plan === undefined)
    throw new AppError("not_found", { reason: errorReason("missing", { resource: "subscription" }) });
  const { item, offer: from } = plan;
  if (subscription.status === "past_due")
    throw new AppError("conflict", { reason: errorReason("openInvoice") });
  if (subscription.cancelAtPeriodEnd || subscription.cancelAt !== null)
    throw new AppError("conflict", {
      reason: errorReason("canceledPlan", { plan: from.plan.name }),
    });
  if (from === to && subscription.scheduleId === null) return null;
  const trial = subscription.status === "trialing" ? trialEffect(from, to) : null;
  return { when: trial === null ? timeOf(from, to) : "now", trial, subscription, item, from, to };
}

function trialEffect(from: Offer, to: Offer): "ends" | "continues" {
  return to.plan.allowanceMicros > from.plan.allowanceMicros ? "ends" : "continues";
}

function timeOf(from: Offer, to: Offer): PlanChangeDecision["when"] {
  const isLess = to.plan.allowanceMicros < from.plan.allowanceMicros;
  const isShorter = from.interval === "year" && to.interval === "month";
  return isLess || isShorter ? "period_end" : "now";
}
