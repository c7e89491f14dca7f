import { lengthMs, overlapMs, type Span } from "#lib/billing/credit/billing-months.ts";
import { type MonthCredit, monthCredits } from "#lib/billing/credit/month-credit.ts";
import { type InvoicedState, paidAtOf } from "#lib/billing/credit/paid-lines.ts";
import {
  allowanceSourceKey,
  graceSourceKey,
  lateSourceKey,
  upgradeSourceKey,
} from "#lib/billing/credit/source-keys.ts";
import type { GrantInput } from "#lib/usage/grants.ts";

/** A grant of allowance that invoices paid for, and what is taken back of it because time was returned. */
export type PaidGrant = GrantInput & {
  subscriptionId: string;
  /** The months that it is the credit of. */
  months: Span[];
  /**
   * How much each invoice contributes; the sum is the amount. A refund takes back its invoice's part (M18).
   */
  paidBy: { invoiceId: string; micros: number }[];
  /** A later month of a year, which starts only in good standing (M10). */
  isLaterMonth: boolean;
  /** The source key of the grace grant whose spent part is deducted from it (M13); null for none. */
  graceKey: string | null;
  /** The credit of unused time whose money was returned, and the invoice that returned it (M12). */
  unused: { micros: number; invoiceId: string | null };
};

/**
 * Returns all grants of allowance that a customer's paid invoices ever entitle to (M10, M12), past and
 * future, however the plan was changed. Pure: the grants depend only on the invoices, and the source keys
 * prevent granting one twice.
 *
 * Each month's credit is the sum of what the paid lines contribute. An invoice that is paid before a month
 * contributes to its one grant; one that is paid within it is a grant of its own; one that is paid after it
 * (changes billed with the renewal, late payments) is a grant that lasts as long as the time it pays for.
 * Returned time is first deducted from what the same invoice charges for the same days, then from the month's
 * grants.
 */
export function paidGrants(state: InvoicedState): PaidGrant[] {
  const bySubscription = Map.groupBy(monthCredits(state), ({ subscriptionId }) => subscriptionId);
  return deductGrace([...bySubscription.values()].flatMap(grantsOfSubscription));
}

/** Deducts an invoice's grace credit once, from the largest grant that the invoice pays for (M13). */
function deductGrace(grants: PaidGrant[]): PaidGrant[] {
  const byInvoice = Map.groupBy(
    grants.filter(({ isLaterMonth }) => !isLaterMonth),
    ({ paidBy: [payer] }) => payer?.invoiceId ?? "",
  );
  for (const [invoiceId, own] of byInvoice) {
    const [largest] = own.toSorted((a, b) => b.amountMicros - a.amountMicros || compareNewest(a, b));
    if (largest !== undefined) largest.graceKey = graceSourceKey(invoiceId);
  }
  return grants;
}

type Returned = { micros: number; invoiceId: string; month: Span };

function grantsOfSubscription(credits: MonthCredit[]): PaidGrant[] {
  const byInvoice = Map.groupBy(credits, ({ invoice }) => invoice.id);
  const netted = [...byInvoice.values()].flatMap(netWithinInvoice);
  const of = (timing: Timing) => netted.filter((credit) => timingOf(credit) === timing);
  const late = Map.groupBy(
    of("after").filter(({ micros }) => micros > 0),
    ({ invoice }) => invoice.id,
  );
  const later = Map.groupBy(of("before"), ({ month }) => month.startsAt.getTime());
  const grants = [
    ...of("within").flatMap(grantsWithin),
    ...[...late.values()].flatMap(lateGrant),
    ...[...later.values()].flatMap(laterMonthGrant),
  ];
  const returned = [...of("within"), ...of("after")]
    .filter(({ micros }) => micros < 0)
    .map(({ micros, invoice, month }) => ({ micros: -micros, invoiceId: invoice.id, month }));
  for (const each of returned) deductUnused(grants, each);
  return grants;
}

/** When an invoice was paid: before the month, within it (also at its start), or after its end. */
type Timing = "before" | "within" | "after";

function timingOf({ invoice, month, periodItems }: MonthCredit): Timing {
  const paidAt = paidAtOf(invoice);
  if (paidAt >= month.endsAt) return "after";
  return paidAt < month.startsAt && periodItems.length === 0 ? "before" : "within";
}

/**
 * Deducts the returned rest of a running month from what the same invoice charges for the same days, and
 * only for those: what is left of the charge is taken back if that invoice is refunded. A change of interval
 * starts a new period within an old one, whose credit was already granted.
 */
function netWithinInvoice(credits: MonthCredit[]): MonthCredit[] {
  const netted = credits.map((credit) => ({ ...credit }));
  const isRunning = ({ covered, month, micros }: MonthCredit) =>
    micros < 0 && covered.startsAt > month.startsAt;
  for (const returned of netted.filter(isRunning)) {
    for (const charged of netted) {
      if (charged.micros <= 0) continue;
      const micros = Math.min(overlapMicros(charged, returned.covered), -returned.micros);
      charged.micros -= micros;
      returned.micros += micros;
    }
  }
  return netted.filter(({ micros }) => micros !== 0);
}

/** The part of a credit that pays for the days of `span`, rounded down. */
function overlapMicros({ micros, covered }: MonthCredit, span: Span): number {
  const weight = BigInt(micros) * BigInt(overlapMs(covered, span));
  return Number(weight / BigInt(lengthMs(covered)));
}

/**
 * Returns the grants of an invoice that is paid within the month: one per item whose period starts with it,
 * and one for anything else that it charges.
 */
function grantsWithin(credit: MonthCredit): PaidGrant[] {
  const { invoice, month, covered, itemId } = credit;
  let restMicros = Math.max(0, credit.micros);
  const largestFirst = credit.periodItems.toSorted((a, b) => b.micros - a.micros);
  const base = { ...common(credit), endsAt: month.endsAt };
  const items = largestFirst.flatMap((item) => {
    const amountMicros = Math.min(item.micros, restMicros);
    restMicros -= amountMicros;
    const sourceKey = allowanceSourceKey(item.itemId, month.startsAt);
    return toGrant({ ...base, amountMicros, startsAt: month.startsAt, sourceKey });
  });
  const sourceKey = upgradeSourceKey(itemId, invoice.id);
  const change = { ...base, amountMicros: restMicros, startsAt: covered.startsAt, sourceKey };
  return [...items, ...toGrant(change)];
}

/**
 * Returns the grant of an invoice whose months were over when it was paid: as long as the time it pays for.
 */
function lateGrant(credits: MonthCredit[]): PaidGrant[] {
  const [first] = credits;
  if (first === undefined) return [];
  const paidAt = paidAtOf(first.invoice);
  const durationMs = credits.reduce((sum, { covered }) => sum + lengthMs(covered), 0);
  return toGrant({
    ...common(first),
    months: credits.map(({ month }) => month),
    amountMicros: credits.reduce((sum, { micros }) => sum + micros, 0),
    startsAt: paidAt,
    endsAt: new Date(paidAt.getTime() + durationMs),
    sourceKey: lateSourceKey(first.invoice.id),
  });
}

/** Returns the grant of a later month of a year: what all invoices that were paid before it contribute. */
function laterMonthGrant(credits: MonthCredit[]): PaidGrant[] {
  const charged = credits.find(({ micros }) => micros > 0);
  if (charged === undefined) return [];
  const { month, itemId } = charged;
  const paidBy = credits.map(({ invoice, micros }) => ({ invoiceId: invoice.id, micros }));
  const amountMicros = paidBy.reduce((sum, { micros }) => sum + micros, 0);
  const sourceKey = allowanceSourceKey(itemId, month.startsAt);
  const grants = toGrant({ ...common(charged), ...month, amountMicros, sourceKey });
  return grants.map((grant) => ({ ...grant, paidBy, isLaterMonth: true }));
}

function common({ subscriptionId, invoice, month }: MonthCredit) {
  return { subscriptionId, invoiceId: invoice.id, months: [month] };
}

type GrantParts = Span & ReturnType<typeof common> & Pick<PaidGrant, "amountMicros" | "sourceKey">;

/** Empty when nothing remains to be granted. */
function toGrant({ invoiceId, endsAt, ...parts }: GrantParts): PaidGrant[] {
  const { amountMicros } = parts;
  if (amountMicros <= 0) return [];
  const paidBy = [{ invoiceId, micros: amountMicros }];
  const unused = { micros: 0, invoiceId: null };
  const rest = { isLaterMonth: false, graceKey: null, unused };
  return [{ kind: "allowance", ...parts, expiresAt: endsAt, paidBy, ...rest }];
}

/**
 * Deducts returned time from the grants of its month, the newest first, then from grants of the same days.
 */
function deductUnused(grants: PaidGrant[], { micros, invoiceId, month }: Returned): void {
  const isOfMonth = (grant: PaidGrant) =>
    grant.months.some(
      ({ startsAt, endsAt }) => isSame(startsAt, month.startsAt) && isSame(endsAt, month.endsAt),
    );
  // Credit of a later month has not been granted yet, so a running month is not deducted from it.
  const sharesDays = (grant: PaidGrant) =>
    !(grant.isLaterMonth && grant.startsAt > month.startsAt) &&
    grant.months.some((other) => overlapMs(other, month) > 0);
  let restMicros = micros;
  for (const grant of [
    ...grants.filter(isOfMonth).toSorted(compareNewest),
    ...grants.filter((each) => !isOfMonth(each) && sharesDays(each)).toSorted(compareNewest),
  ]) {
    const deducted = Math.min(restMicros, grant.amountMicros - grant.unused.micros);
    if (deducted === 0) continue;
    grant.unused = { micros: grant.unused.micros + deducted, invoiceId };
    restMicros -= deducted;
  }
}

function isSame(one: Date, other: Date): boolean {
  return one.getTime() === other.getTime();
}

function compareNewest(a: PaidGrant, b: PaidGrant): number {
  return b.startsAt.getTime() - a.startsAt.getTime() || (a.sourceKey < b.sourceKey ? 1 : -1);
}
