import { findOffer, type Offer } from "#lib/billing/catalog/plans.ts";
import { isBilled } from "#lib/billing/customer/invoice-statuses.ts";
import { addMonths, monthOf } from "#lib/core/clock.ts";
import type { StripeInvoice, StripeInvoiceLine } from "#lib/gateways/stripe/invoice-objects.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";
import type { GrantInput } from "#lib/usage/grants.ts";

const monthsPerYear = 12;

/** A customer's subscriptions and invoices, from which allowances derive. */
export type InvoicedState = {
  subscriptions: StripeSubscription[];
  invoices: StripeInvoice[];
  /** Our lookup key of each price by price id. */
  lookupKeys: ReadonlyMap<string, string | null>;
};

/** An invoice line that paid for a period of one of our plans. */
export type PaidPeriod = { line: StripeInvoiceLine; invoice: StripeInvoice; offer: Offer; itemId: string };

/** A plan change within a period: the offers that were credited and charged for the time from `at` on. */
export type PlanChange = { at: Date; invoice: StripeInvoice; credited: Offer[]; charged: Offer[] };

/** A month of an allowance: the period of a monthly plan, or one twelfth of a yearly plan's. */
export type Month = { index: number; startsAt: Date; endsAt: Date };

/**
 * Returns the allowances that paid invoices entitle to at a moment (M10), and the additional grants of
 * upgrades (M12). Pure. It does not depend on earlier grants: the source keys prevent duplicates.
 */
export function allowancesDue(state: InvoicedState, at: Date): GrantInput[] {
  return paidPeriods(state).flatMap((period) => {
    const month = allowanceMonthAt(period, at);
    const changes = planChangesOf(period, state);
    return [monthlyGrant(period, month, changes, state), ...upgradeGrants(period, month, changes)].filter(
      (grant) => grant !== null,
    );
  });
}

/** Returns every paid line of one of our plans, without prorations and trials (which cost nothing). */
export function paidPeriods({ invoices, lookupKeys }: InvoicedState): PaidPeriod[] {
  return invoices
    .filter((invoice) => invoice.status === "paid")
    .flatMap((invoice) =>
      invoice.lines.flatMap((line) => {
        const offer = findOffer(lookupKeys.get(line.priceId ?? "") ?? null);
        const { subscriptionItemId: itemId } = line;
        if (offer === undefined || itemId === null || line.isProration || line.amountCents <= 0) return [];
        return [{ line, invoice, offer, itemId }];
      }),
    );
}

/**
 * Returns the month that contains `at`. The last of a yearly period's twelve months ends with the period,
 * despite leap days.
 */
function allowanceMonthAt({ line, offer }: PaidPeriod, at: Date): Month {
  const { periodStart, periodEnd } = line;
  if (offer.interval === "month") return { index: 0, startsAt: periodStart, endsAt: periodEnd };
  const index = Math.min(monthOf(periodStart, laterOf(periodStart, at)).index, monthsPerYear - 1);
  const isLast = index === monthsPerYear - 1;
  return {
    index,
    startsAt: addMonths(periodStart, index),
    endsAt: isLast ? periodEnd : addMonths(periodStart, index + 1),
  };
}

/** Returns the starts of a paid period's months; each may have an allowance. */
export function allowanceMonthStarts({
  line,
  offer,
}: {
  line: Pick<StripeInvoiceLine, "periodStart">;
  offer: Offer;
}): Date[] {
  if (offer.interval === "month") return [line.periodStart];
  return Array.from({ length: monthsPerYear }, (_, index) => addMonths(line.periodStart, index));
}

/** Stripe's clock may be slightly ahead of ours. */
function laterOf(start: Date, at: Date): Date {
  return at < start ? start : at;
}

/**
 * Returns the plan changes within a paid period in order, without those that were never billed or were
 * voided.
 */
function planChangesOf({ line, itemId }: PaidPeriod, { invoices, lookupKeys }: InvoicedState): PlanChange[] {
  return invoices
    .filter(isBilled)
    .flatMap((invoice) => {
      const prorations = invoice.lines.filter(
        (one) => one.isProration && one.subscriptionItemId === itemId && isWithin(one.periodStart, line),
      );
      const at = prorations[0]?.periodStart;
      if (at === undefined) return [];
      const offersOf = (lines: StripeInvoiceLine[]) =>
        lines
          .map((one) => findOffer(lookupKeys.get(one.priceId ?? "") ?? null))
          .filter((offer) => offer !== undefined);
      const charged = offersOf(prorations.filter((one) => one.amountCents > 0));
      const credited = offersOf(prorations.filter((one) => one.amountCents < 0));
      return [{ at, invoice, credited, charged }];
    })
    .sort((a, b) => a.at.getTime() - b.at.getTime() || (isBefore(a.invoice, b.invoice) ? -1 : 1));
}

function isWithin(moment: Date, { periodStart, periodEnd }: StripeInvoiceLine): boolean {
  return moment >= periodStart && moment < periodEnd;
}

/** Returns the offer in force at a moment: the one that was paid for, or that of the last paid change. */
function offerAt({ offer }: PaidPeriod, changes: PlanChange[], moment: Date): Offer {
  const paid = changes.filter((change) => change.at <= moment && change.invoice.status === "paid");
  return paid.at(-1)?.charged[0] ?? offer;
}

/**
 * Returns the offer at a month's start. A change at the start of a paid period is treated as a change within
 * it.
 */
function offerAtStart(period: PaidPeriod, month: Month, changes: PlanChange[]): Offer {
  return month.index === 0 ? period.offer : offerAt(period, changes, month.startsAt);
}

/**
 * Returns a month's allowance; null for a later month of a yearly plan that is not in good standing. A change
 * of interval starts a new period within an old one; the credited rest of the old period was already granted,
 * so only the difference is granted (M12).
 */
function monthlyGrant(
  period: PaidPeriod,
  month: Month,
  changes: PlanChange[],
  state: InvoicedState,
): GrantInput | null {
  if (month.index > 0 && !isInGoodStanding(state.subscriptions, period.invoice.subscriptionId)) return null;
  const { plan } = offerAtStart(period, month, changes);
  const amountMicros = plan.allowanceMicros - (month.index === 0 ? alreadyGrantedMicros(period, state) : 0);
  if (amountMicros <= 0) return null;
  return {
    kind: "allowance",
    amountMicros,
    startsAt: month.startsAt,
    expiresAt: month.endsAt,
    sourceKey: allowanceSourceKey(period, month),
  };
}

/** The source key of a month's allowance: one per item and month, even if several invoices bill it. */
export function allowanceSourceKey(
  { itemId }: Pick<PaidPeriod, "itemId">,
  { startsAt }: Pick<Month, "startsAt">,
): string {
  return `allowance:${itemId}:${startsAt.toISOString()}`;
}

/** The source key of an upgrade: one per item and invoice. */
export function upgradeSourceKey(itemId: string, invoiceId: string): string {
  return `upgrade:${itemId}:${invoiceId}`;
}

/** Returns the allowance already granted for the part of an older period that this line's invoice credits. */
function alreadyGrantedMicros({ line, invoice, itemId }: PaidPeriod, state: InvoicedState): number {
  const { periodStart } = line;
  const hasCredit = invoice.lines.some(
    (one) => one.isProration && one.subscriptionItemId === itemId && one.amountCents < 0,
  );
  // Later invoices do not change what was granted then.
  const before = { ...state, invoices: state.invoices.filter((other) => isBefore(other, invoice)) };
  const old = paidPeriods(before)
    .filter((one) => one.itemId === itemId && isWithin(periodStart, one.line))
    .sort((a, b) => (isBefore(a.invoice, b.invoice) ? 1 : -1))[0];
  if (!hasCredit || old === undefined) return 0;
  const { plan } = offerAt(old, planChangesOf(old, before), periodStart);
  return shareOf(plan.allowanceMicros, periodStart, allowanceMonthAt(old, periodStart));
}

/** Orders invoices by creation; the invoice number decides within one second. */
function isBefore(one: StripeInvoice, other: StripeInvoice): boolean {
  const ms = one.createdAt.getTime() - other.createdAt.getTime();
  return ms === 0 ? (one.number ?? "") < (other.number ?? "") : ms < 0;
}

/**
 * Returns the grants of upgrades within a month (M12): the difference of the allowances for the remaining
 * time, rounded down, expiring with the month. Only what exceeds all previous levels is granted, so changing
 * back and forth never exceeds the highest allowance.
 */
function upgradeGrants(period: PaidPeriod, month: Month, changes: PlanChange[]): GrantInput[] {
  let reachedMicros = offerAtStart(period, month, changes).plan.allowanceMicros;
  let highestMicros = reachedMicros;
  const upgrades: GrantInput[] = [];
  for (const { at, invoice, credited, charged } of changes) {
    const isWithinMonth = at < month.endsAt && (month.index === 0 || at > month.startsAt);
    if (!isWithinMonth) continue;
    reachedMicros += shareOf(allowanceOf(charged) - allowanceOf(credited), at, month);
    const amountMicros = reachedMicros - highestMicros;
    if (amountMicros <= 0) continue;
    highestMicros = reachedMicros;
    if (invoice.status !== "paid") continue;
    const sourceKey = upgradeSourceKey(period.itemId, invoice.id);
    upgrades.push({ kind: "allowance", amountMicros, startsAt: at, expiresAt: month.endsAt, sourceKey });
  }
  return upgrades;
}

function allowanceOf(offers: Offer[]): number {
  return offers.reduce((sum, { plan }) => sum + plan.allowanceMicros, 0);
}

/** Returns the share of an amount for the rest of a month, rounded down. BigInt avoids rounding errors. */
function shareOf(micros: number, from: Date, { startsAt, endsAt }: Month): number {
  const left = BigInt(endsAt.getTime() - from.getTime());
  const whole = BigInt(endsAt.getTime() - startsAt.getTime());
  const product = BigInt(micros) * left;
  const share = product / whole;
  return Number(product % whole < 0n ? share - 1n : share);
}

function isInGoodStanding(subscriptions: StripeSubscription[], id: string | null): boolean {
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
