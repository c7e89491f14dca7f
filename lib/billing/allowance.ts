import { findOffer, type Offer } from "#lib/billing/plans.ts";
import { addMonths, monthOf } from "#lib/core/clock.ts";
import type { StripeInvoice, StripeInvoiceLine, StripeSubscription } from "#lib/gateways/stripe/objects.ts";
import type { GrantInput } from "#lib/usage/grants.ts";

const monthsAYear = 12;

export type PaidFor = {
  subscriptions: StripeSubscription[];
  /** With lines whose price is known by our lookup key, where it is one of ours. */
  invoices: StripeInvoice[];
  lookupKeys: ReadonlyMap<string, string | null>;
};

/** A line that bought a period of time of one of our plans. */
export type BoughtTime = { line: StripeInvoiceLine; invoice: StripeInvoice; offer: Offer; itemId: string };

/** A change of plan within a period: what was credited for the old one and charged for the new, for the time from `at` on. */
export type PlanChange = { at: Date; invoice: StripeInvoice; credited: Offer[]; charged: Offer[] };

/** The allowance's month: the whole period on a monthly plan, one of twelve on a yearly one. */
export type Month = { index: number; startsAt: Date; endsAt: Date };

/**
 * The allowances that paid invoices entitle to now (M10), and what upgrades add to them (M12). Pure, and the same for the
 * same state whatever was granted before: the source keys make each grant happen once.
 */
export function allowancesDue(state: PaidFor, at: Date): GrantInput[] {
  return boughtTime(state).flatMap((bought) => {
    const month = monthThat(bought, at);
    const changes = changesOf(bought, state);
    return [baseOf(bought, month, changes, state), ...upgradesOf(bought, month, changes)].filter(
      (grant) => grant !== null,
    );
  });
}

/** Every paid line that is no proration, no trial's (which costs nothing), and of one of our plans. */
export function boughtTime({ invoices, lookupKeys }: PaidFor): BoughtTime[] {
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

/** The month that holds `at`. A yearly period has twelve: the last one ends with the period, whatever leap years do. */
function monthThat({ line, offer }: BoughtTime, at: Date): Month {
  const { periodStart, periodEnd } = line;
  if (offer.interval === "month") return { index: 0, startsAt: periodStart, endsAt: periodEnd };
  const index = Math.min(monthOf(periodStart, laterOf(periodStart, at)).index, monthsAYear - 1);
  const isLast = index === monthsAYear - 1;
  return {
    index,
    startsAt: addMonths(periodStart, index),
    endsAt: isLast ? periodEnd : addMonths(periodStart, index + 1),
  };
}

/** The starts of a bought period's months, of which each may have been given its allowance. */
export function monthStartsOf({
  line,
  offer,
}: {
  line: Pick<StripeInvoiceLine, "periodStart">;
  offer: Offer;
}): Date[] {
  if (offer.interval === "month") return [line.periodStart];
  return Array.from({ length: monthsAYear }, (_, index) => addMonths(line.periodStart, index));
}

/** Stripe's clock may be a little ahead of ours. */
function laterOf(start: Date, at: Date): Date {
  return at < start ? start : at;
}

/** The changes within a bought period, in their order. What was never asked for, or given up, is none. */
function changesOf({ line, itemId }: BoughtTime, { invoices, lookupKeys }: PaidFor): PlanChange[] {
  return invoices
    .filter(({ status }) => status === "paid" || status === "open" || status === "uncollectible")
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

/** The offer that was bought, or that the last paid change up to a moment had brought. */
function offerAt({ offer }: BoughtTime, changes: PlanChange[], moment: Date): Offer {
  const paid = changes.filter((change) => change.at <= moment && change.invoice.status === "paid");
  return paid.at(-1)?.charged[0] ?? offer;
}

/** What a month begins with. A change at the very start of a bought period is a change of what was bought. */
function offerAtStart(bought: BoughtTime, month: Month, changes: PlanChange[]): Offer {
  return month.index === 0 ? bought.offer : offerAt(bought, changes, month.startsAt);
}

/**
 * A month's own allowance. Null for a later month of a year whose subscription is not in good standing. A change of interval
 * begins a new period in the middle of an old one, and what was credited for the rest of the old one was granted with it, so
 * only the difference is new (M12).
 */
function baseOf(bought: BoughtTime, month: Month, changes: PlanChange[], state: PaidFor): GrantInput | null {
  if (month.index > 0 && !isInGoodStanding(state.subscriptions, bought.invoice.subscriptionId)) return null;
  const { plan } = offerAtStart(bought, month, changes);
  const amountMicros = plan.allowanceMicros - (month.index === 0 ? grantedWithOldTime(bought, state) : 0);
  if (amountMicros <= 0) return null;
  return {
    kind: "allowance",
    amountMicros,
    startsAt: month.startsAt,
    expiresAt: month.endsAt,
    sourceKey: allowanceKey(bought, month),
  };
}

/** One allowance for an item and a month, whatever invoices name it. */
export function allowanceKey(
  { itemId }: Pick<BoughtTime, "itemId">,
  { startsAt }: Pick<Month, "startsAt">,
): string {
  return `allowance:${itemId}:${startsAt.toISOString()}`;
}

/** One upgrade for an item and the invoice that charged it. */
export function upgradeKey(itemId: string, invoiceId: string): string {
  return `upgrade:${itemId}:${invoiceId}`;
}

/** The allowance of that part of an older period for which this line's invoice gave the money back. */
function grantedWithOldTime({ line, invoice, itemId }: BoughtTime, state: PaidFor): number {
  const { periodStart } = line;
  const hasCredit = invoice.lines.some(
    (one) => one.isProration && one.subscriptionItemId === itemId && one.amountCents < 0,
  );
  // What came later changes nothing about what was given then.
  const before = { ...state, invoices: state.invoices.filter((other) => isBefore(other, invoice)) };
  const old = boughtTime(before)
    .filter((one) => one.itemId === itemId && isWithin(periodStart, one.line))
    .sort((a, b) => (isBefore(a.invoice, b.invoice) ? 1 : -1))[0];
  if (!hasCredit || old === undefined) return 0;
  const { plan } = offerAt(old, changesOf(old, before), periodStart);
  return shareOf(plan.allowanceMicros, periodStart, monthThat(old, periodStart));
}

/** Numbers tell the order of what was made within one second. */
function isBefore(one: StripeInvoice, other: StripeInvoice): boolean {
  const ms = one.createdAt.getTime() - other.createdAt.getTime();
  return ms === 0 ? (one.number ?? "") < (other.number ?? "") : ms < 0;
}

/**
 * M12: an upgrade within a month adds the difference of the two allowances for the time that is left, rounded down, with the
 * month's own end. What changes back and forth add up to never exceeds the highest allowance there was, because only what
 * goes beyond all before is granted.
 */
function upgradesOf(bought: BoughtTime, month: Month, changes: PlanChange[]): GrantInput[] {
  let reachedMicros = offerAtStart(bought, month, changes).plan.allowanceMicros;
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
    const sourceKey = upgradeKey(bought.itemId, invoice.id);
    upgrades.push({ kind: "allowance", amountMicros, startsAt: at, expiresAt: month.endsAt, sourceKey });
  }
  return upgrades;
}

function allowanceOf(offers: Offer[]): number {
  return offers.reduce((sum, { plan }) => sum + plan.allowanceMicros, 0);
}

/** The share of an amount that falls on the rest of a month, rounded down; exact, which floating point is not here. */
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
