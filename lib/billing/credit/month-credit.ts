import { lengthMs, monthsOfLine, overlapMs, type Span } from "#lib/billing/credit/billing-months.ts";
import {
  type InvoicedState,
  isPeriodLine,
  type PlanLine,
  paidAtOf,
  planLines,
  wholePeriods,
} from "#lib/billing/credit/paid-lines.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";

/**
 * What one paid invoice adds to (positive) or returns of (negative) the credit of one month of a
 * subscription.
 */
export type MonthCredit = {
  subscriptionId: string;
  invoice: StripeInvoice;
  month: Span;
  /** The part of the month that the invoice's lines cover. */
  covered: Span;
  /** Signed micro-USD, rounded down. */
  micros: number;
  /** The money for it, in the invoice's smallest unit, rounded. */
  cents: number;
  /** The item that the invoice charges for this month; of several, that with the most credit. */
  itemId: string;
  /** The credit of each item whose period starts with this month. */
  periodItems: { itemId: string; micros: number }[];
};

/**
 * Returns the credit of each month by each paid invoice (M10, M12): for every line the plan's allowance times
 * its quantity, in proportion to the time of the month that the line pays for; negative for lines that return
 * unused time. Sorted by payment. Pure.
 */
export function monthCredits(state: InvoicedState): MonthCredit[] {
  const lines = planLines(state);
  const periods = wholePeriods(lines);
  const parts = lines
    .filter(({ invoice }) => invoice.status === "paid")
    .flatMap((line) => {
      const known = periods.filter(
        ({ subscriptionId, interval }) =>
          subscriptionId === line.subscriptionId && interval === line.offer.interval,
      );
      const spans = known.map(({ span }) => span);
      return monthsOfLine(line, line.offer.interval, spans).map((month) => ({ line, month }));
    });
  const groups = Map.groupBy(parts, ({ line, month }) =>
    [line.subscriptionId, line.invoice.id, month.startsAt.getTime(), month.endsAt.getTime()].join(" "),
  );
  return [...groups.values()].flatMap(toMonthCredit).sort(comparePayment);
}

/** Rounding returns at most a micro-USD too much for each invoice. */
const roundingMicros = 100;

/**
 * Returns the subscriptions in which more time of a month was returned than was paid for, such as by
 * canceling an unpaid period with proration: Stripe then credits money that nobody paid. Pure.
 * @returns the money of all such months in cents, by subscription id
 */
export function overReturnedCents(state: InvoicedState): Map<string, number> {
  const byMonth = Map.groupBy(monthCredits(state), ({ subscriptionId, month }) =>
    [subscriptionId, month.startsAt.getTime(), month.endsAt.getTime()].join(" "),
  );
  const negative = [...byMonth.values()].filter(
    (credits) => credits.reduce((sum, { micros }) => sum + micros, 0) < -roundingMicros,
  );
  const bySubscription = Map.groupBy(negative.flat(), ({ subscriptionId }) => subscriptionId);
  return new Map(
    [...bySubscription].map(([id, credits]) => [id, -credits.reduce((sum, { cents }) => sum + cents, 0)]),
  );
}

type LinePart = { line: PlanLine; month: Span };

function toMonthCredit(parts: LinePart[]): MonthCredit[] {
  const first = parts[0];
  if (first === undefined) return [];
  const { month, line } = first;
  const charged = parts.toSorted((a, b) => Number(weightOf(b) - weightOf(a)))[0] ?? first;
  return [
    {
      subscriptionId: line.subscriptionId,
      invoice: line.invoice,
      month,
      covered: {
        startsAt: latest(month.startsAt, earliestOf(parts.map((part) => part.line.startsAt))),
        endsAt: earliest(month.endsAt, latestOf(parts.map((part) => part.line.endsAt))),
      },
      micros: floorShare(
        parts.reduce((sum, part) => sum + weightOf(part), 0n),
        month,
      ),
      cents: Math.round(parts.reduce((sum, part) => sum + centsOf(part), 0)),
      itemId: charged.line.itemId,
      periodItems: parts
        .filter(
          (part) => isPeriodLine(part.line) && part.line.startsAt.getTime() === month.startsAt.getTime(),
        )
        .map((part) => ({ itemId: part.line.itemId, micros: floorShare(weightOf(part), month) })),
    },
  ];
}

/** The allowance of a line times its milliseconds in the month, with the line's sign. */
function weightOf({ line, month }: LinePart): bigint {
  const { offer, sign } = line;
  const units = BigInt(sign * line.line.quantity);
  return units * BigInt(offer.plan.allowanceMicros) * BigInt(overlapMs(line, month));
}

/** The part of a line's amount for the month. */
function centsOf({ line, month }: LinePart): number {
  return (line.line.amountCents * overlapMs(line, month)) / lengthMs(line);
}

/** Divides by the month's length and rounds down, also below zero. BigInt avoids rounding errors. */
function floorShare(weight: bigint, month: Span): number {
  const length = BigInt(lengthMs(month));
  const share = weight / length;
  return Number(weight % length < 0n ? share - 1n : share);
}

/** Orders by payment. The order of payments never changes, so later ones do not change earlier credit. */
function comparePayment(a: MonthCredit, b: MonthCredit): number {
  return (
    paidAtOf(a.invoice).getTime() - paidAtOf(b.invoice).getTime() ||
    a.invoice.createdAt.getTime() - b.invoice.createdAt.getTime() ||
    compareText(a.invoice.number ?? "", b.invoice.number ?? "") ||
    compareText(a.invoice.id, b.invoice.id) ||
    a.month.startsAt.getTime() - b.month.startsAt.getTime()
  );
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function earliest(one: Date, other: Date): Date {
  return one < other ? one : other;
}

function latest(one: Date, other: Date): Date {
  return one > other ? one : other;
}

function earliestOf(dates: Date[]): Date {
  return new Date(Math.min(...dates.map((date) => date.getTime())));
}

function latestOf(dates: Date[]): Date {
  return new Date(Math.max(...dates.map((date) => date.getTime())));
}
