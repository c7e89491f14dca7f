import { findOffer } from "#lib/billing/plans.ts";
import type { StripeInvoice, StripeInvoiceLine, StripeSubscription } from "#lib/gateways/stripe-objects.ts";
import { addMonths, monthOf } from "#lib/ground/clock.ts";
import { usd } from "#lib/ground/money.ts";
import type { GrantInput } from "#lib/usage/grants.ts";

const monthsAYear = 12;
const trialMicros = usd(5);

export type PaidFor = {
  subscriptions: StripeSubscription[];
  /** With lines whose price is known by our lookup key, where it is one of ours. */
  invoices: StripeInvoice[];
  lookupKeys: ReadonlyMap<string, string | null>;
};

/**
 * The credit that a customer's subscriptions and paid invoices entitle to now (M10, M11). Pure, and the same for the same
 * state whatever was granted before: the source keys make each grant happen once.
 */
export function grantsDue(state: PaidFor, at: Date): GrantInput[] {
  const allowances = state.invoices
    .filter((invoice) => invoice.status === "paid")
    .flatMap((invoice) => invoice.lines.map((line) => allowanceOf(line, invoice, state, at)));
  const trials = state.subscriptions.map(trialOf);
  const due = [...allowances, ...trials].filter((grant) => grant !== null && grant.expiresAt > at);
  return onePerSource(due.filter((grant) => grant !== null));
}

/**
 * The month's allowance that a line paid for: the line's whole period on a monthly plan, the month that holds `at` on a
 * yearly one. Null for a line that buys no time (a proration), for a trial's line, which costs nothing, and for a later
 * month of a year whose subscription is not in good standing.
 */
function allowanceOf(
  line: StripeInvoiceLine,
  invoice: StripeInvoice,
  { subscriptions, lookupKeys }: PaidFor,
  at: Date,
): GrantInput | null {
  const offer = findOffer(lookupKeys.get(line.priceId ?? "") ?? null);
  const buysTime = line.subscriptionItemId !== null && !line.isProration && line.amountCents > 0;
  if (offer === undefined || !buysTime) return null;
  const month = offer.interval === "year" ? monthWithin(line, at) : wholePeriod(line);
  if (month.index > 0 && !isInGoodStanding(subscriptions, invoice.subscriptionId)) return null;
  return {
    kind: "allowance",
    amountMicros: offer.plan.allowanceMicros,
    startsAt: month.startsAt,
    expiresAt: month.endsAt,
    sourceKey: `allowance:${line.subscriptionItemId}:${month.startsAt.toISOString()}`,
  };
}

type Month = { index: number; startsAt: Date; endsAt: Date };

function wholePeriod(line: StripeInvoiceLine): Month {
  return { index: 0, startsAt: line.periodStart, endsAt: line.periodEnd };
}

/** The month of a yearly period, of which there are twelve: the last one ends with the period, whatever leap years do. */
function monthWithin({ periodStart, periodEnd }: StripeInvoiceLine, at: Date): Month {
  const index = Math.min(monthOf(periodStart, laterOf(periodStart, at)).index, monthsAYear - 1);
  const isLast = index === monthsAYear - 1;
  return {
    index,
    startsAt: addMonths(periodStart, index),
    endsAt: isLast ? periodEnd : addMonths(periodStart, index + 1),
  };
}

/** Stripe's clock may be a little ahead of ours. */
function laterOf(start: Date, at: Date): Date {
  return at < start ? start : at;
}

function isInGoodStanding(subscriptions: StripeSubscription[], id: string | null): boolean {
  return subscriptions.some((subscription) => subscription.id === id && subscription.status === "active");
}

/** M11: a trial's credit, which ends with the trial. */
function trialOf({ id, status, trialStartedAt, trialEndsAt }: StripeSubscription): GrantInput | null {
  if (status !== "trialing" || trialStartedAt === null || trialEndsAt === null) return null;
  return {
    kind: "trial",
    amountMicros: trialMicros,
    startsAt: trialStartedAt,
    expiresAt: trialEndsAt,
    sourceKey: `trial:${id}`,
  };
}

function onePerSource(grants: GrantInput[]): GrantInput[] {
  return [...new Map(grants.map((grant) => [grant.sourceKey, grant])).values()];
}

/**
 * When the next month of a yearly plan begins, so that its allowance is there at its start; null when no yearly plan runs.
 */
export function nextMonthAt(subscriptions: StripeSubscription[], at: Date): Date | null {
  const starts = subscriptions
    .filter((subscription) => subscription.status === "active")
    .flatMap((subscription) => subscription.items)
    .filter((item) => findOffer(item.price.lookupKey)?.interval === "year")
    .map((item) => monthOf(item.periodStart, laterOf(item.periodStart, at)).endsAt);
  return starts.length === 0 ? null : new Date(Math.min(...starts.map((start) => start.getTime())));
}
