import { findOffer, type Offer } from "#lib/billing/plans.ts";
import type { StripeSubscription, StripeSubscriptionItem } from "#lib/gateways/stripe-objects.ts";
import { AppError } from "#lib/ground/errors.ts";

/** What a change comes to, and when: more for more money at once, less with the next period. */
export type Change = {
  when: "now" | "period_end";
  subscription: StripeSubscription;
  item: StripeSubscriptionItem;
  from: Offer;
  to: Offer;
};

/**
 * Decides what moving to another offer comes to. Pure. A shorter interval waits for the period's end even where the plan is a
 * higher one, because the rest of a year that was paid for is not paid back.
 * @param subscriptions as Stripe has them under the customer's lock
 * @returns null when the offer runs already and nothing else is in store
 * @throws AppError not_found (nothing runs), conflict (the subscription cannot be changed as it stands)
 */
export function decideChange(subscriptions: StripeSubscription[], to: Offer): Change | null {
  const subscription = subscriptions.find(({ status }) => changeable.has(status) || status === "past_due");
  const item = subscription?.items.find(({ price }) => findOffer(price.lookupKey) !== undefined);
  const from = findOffer(item?.price.lookupKey ?? null);
  if (subscription === undefined || item === undefined || from === undefined)
    throw new AppError("not_found", { message: "There is no subscription to change." });
  if (subscription.status === "past_due")
    throw new AppError("conflict", { message: "Pay the open invoice first; then the plan can be changed." });
  if (subscription.cancelAtPeriodEnd || subscription.cancelAt !== null)
    throw new AppError("conflict", {
      message: `${from.plan.name} is canceled. Keep it first; then it can be changed.`,
    });
  if (from === to && subscription.scheduleId === null) return null;
  return { when: whenOf(from, to), subscription, item, from, to };
}

const changeable = new Set(["active", "trialing"]);

function whenOf(from: Offer, to: Offer): Change["when"] {
  const isLess = to.plan.allowanceMicros < from.plan.allowanceMicros;
  const isShorter = from.interval === "year" && to.interval === "month";
  return isLess || isShorter ? "period_end" : "now";
}
