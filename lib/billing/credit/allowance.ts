import { findOffer } from "#lib/billing/catalog/plans.ts";
import { type PaidGrant, paidGrants } from "#lib/billing/credit/paid-grants.ts";
import type { InvoicedState } from "#lib/billing/credit/paid-lines.ts";
import { monthOf } from "#lib/core/clock.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";

/**
 * Returns the allowances that paid invoices entitle to at a moment: all that are paid, and those later months
 * of a year that have started, while the subscription is in good standing (M10). Pure.
 */
export function allowancesDue(state: InvoicedState, at: Date): PaidGrant[] {
  return paidGrants(state).filter(
    ({ isLaterMonth, startsAt, subscriptionId }) =>
      !isLaterMonth || (startsAt <= at && isInGoodStanding(state.subscriptions, subscriptionId)),
  );
}

function isInGoodStanding(subscriptions: StripeSubscription[], id: string): boolean {
  return subscriptions.some((subscription) => subscription.id === id && subscription.status === "active");
}

/**
 * Returns when the next month of a yearly plan starts, and its allowance is due; null without a yearly plan.
 */
export function nextAllowanceAt(subscriptions: StripeSubscription[], at: Date): Date | null {
  const starts = subscriptions
    .filter((subscription) => subscription.status === "active")
    .flatMap((subscription) => subscription.items)
    .filter((item) => findOffer(item.price.lookupKey)?.interval === "year")
    .map((item) => monthOf(item.periodStart, laterOf(item.periodStart, at)).endsAt);
  return starts.length === 0 ? null : new Date(Math.min(...starts.map((start) => start.getTime())));
}

/** Stripe's clock may be slightly ahead of ours. */
function laterOf(start: Date, at: Date): Date {
  return at < start ? start : at;
}
