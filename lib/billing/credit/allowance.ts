import { findOffer } from "#lib/billing/catalog/plans.ts";
import { type PaidGrant, paidGrants } from "#lib/billing/credit/paid-grants.ts";
import type { InvoicedState } from "#lib/billing/credit/paid-lines.ts";
import { monthOf } from "#lib/core/clock.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";

/**
 * Returns the allowances that paid invoices entitle to at a moment: all that are paid, and those later months
 * of a year at whose start the subscription was in good standing (M10), even if it has ended since: the first
 * sync after a month's start may come after the subscription's end. Pure.
 */
export function allowancesDue(state: InvoicedState, at: Date): PaidGrant[] {
  return paidGrants(state).filter(
    ({ isLaterMonth, startsAt, subscriptionId }) =>
      !isLaterMonth || (startsAt <= at && wasInGoodStanding(state, subscriptionId, startsAt)),
  );
}

/**
 * Whether a subscription is active, or had not ended at a moment and owed no invoice from before it. A paused
 * or incomplete subscription is not in good standing.
 */
function wasInGoodStanding({ subscriptions, invoices }: InvoicedState, id: string, at: Date): boolean {
  const subscription = subscriptions.find((candidate) => candidate.id === id);
  if (subscription === undefined) return false;
  const { status, endedAt } = subscription;
  if (status === "active") return true;
  if (status !== "canceled" || endedAt === null || endedAt <= at) return false;
  return !invoices.some(
    (invoice) => invoice.subscriptionId === id && invoice.status === "open" && invoice.createdAt <= at,
  );
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
