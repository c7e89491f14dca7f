import type { Offer } from "#lib/billing/plans.ts";
import { planItemOf } from "#lib/billing/subscription-items.ts";
import { AppError } from "#lib/core/errors.ts";
import type { StripeSubscription, StripeSubscriptionItem } from "#lib/gateways/stripe/objects.ts";

/** What a change comes to, and when: more for more money at once, less with the next period. */
export type Change = {
  when: "now" | "period_end";
  /** What becomes of a trial that runs: a higher plan is paid at once and ends it, anything else is tried to the end. */
  trial: "ends" | "goes_on" | null;
  subscription: StripeSubscription;
  item: StripeSubscriptionItem;
  from: Offer;
  to: Offer;
};

/**
 * Decides what moving to another offer comes to. Pure. A shorter interval waits for the period's end even where the plan is a
 * higher one, because the rest of a year that was paid for is not paid back. In a trial nothing has been paid for, so nothing
 * waits: what was offered to be tried is Pro (M11), and what is more than it is paid for before it is given.
 * @param subscriptions as Stripe has them under the customer's lock
 * @returns null when the offer runs already and nothing else is in store
 * @throws AppError not_found (nothing runs), conflict (the subscription cannot be changed as it stands)
 */
export function decideChange(subscriptions: StripeSubscription[], to: Offer): Change | null {
  const subscription = subscriptions.find(({ status }) => changeable.has(status) || status === "past_due");
  const running = planItemOf(subscription?.items ?? []);
  if (subscription === undefined || running === undefined)
    throw new AppError("not_found", { message: "There is no subscription to change." });
  const { item, offer: from } = running;
  if (subscription.status === "past_due")
    throw new AppError("conflict", { message: "Pay the open invoice first; then the plan can be changed." });
  if (subscription.cancelAtPeriodEnd || subscription.cancelAt !== null)
    throw new AppError("conflict", {
      message: `${from.plan.name} is canceled. Keep it first; then it can be changed.`,
    });
  if (from === to && subscription.scheduleId === null) return null;
  const trial = subscription.status === "trialing" ? trialAfter(from, to) : null;
  return { when: trial === null ? whenOf(from, to) : "now", trial, subscription, item, from, to };
}

const changeable = new Set(["active", "trialing"]);

function trialAfter(from: Offer, to: Offer): "ends" | "goes_on" {
  return to.plan.allowanceMicros > from.plan.allowanceMicros ? "ends" : "goes_on";
}

function whenOf(from: Offer, to: Offer): Change["when"] {
  const isLess = to.plan.allowanceMicros < from.plan.allowanceMicros;
  const isShorter = from.interval === "year" && to.interval === "month";
  return isLess || isShorter ? "period_end" : "now";
}
