import type { Interval } from "#lib/billing/catalog/plans.ts";
import { addMonths } from "#lib/core/clock.ts";

/** A span of time, from `startsAt` until just before `endsAt`. */
export type Span = { startsAt: Date; endsAt: Date };

const dayMs = 86_400_000;
const monthsPer: Record<Interval, number> = { month: 1, year: 12 };
/** The shortest whole period: February, and a year less a day. A shorter line pays for a part of one. */
const shortestDays: Record<Interval, number> = { month: 28, year: 365 };
const longestDays: Record<Interval, number> = { month: 31, year: 367 };
/** A line that spans more months than this is not split further; Stripe backdates by less. */
const maxMonths = 120;

/** Whether a span is a whole billing period of an interval, not a part of one. Pure. */
export function isWholePeriod({ startsAt, endsAt }: Span, interval: Interval): boolean {
  const days = (endsAt.getTime() - startsAt.getTime()) / dayMs;
  return days >= shortestDays[interval] && days <= longestDays[interval];
}

/**
 * Splits a billing period into the months that have an allowance each (M10). The last month of a year ends
 * with the year, despite leap days. Pure.
 */
export function monthsOfPeriod({ startsAt, endsAt }: Span, interval: Interval): Span[] {
  const count = monthsPer[interval];
  return Array.from({ length: count }, (_, index) => ({
    startsAt: addMonths(startsAt, index),
    endsAt: index === count - 1 ? endsAt : addMonths(startsAt, index + 1),
  }));
}

/**
 * Returns the months that a line pays for, in whole or in part: those of the billing period in which it
 * starts (of several, the one that ends with the line, then the newest), then further ones after its end.
 * Without a period (a first invoice with a fixed anchor, a backdated start) they are counted back from the
 * line's end, which is the anchor. Pure.
 * @param periods the whole periods of the line's interval that were billed in its subscription
 */
export function monthsOfLine(line: Span, interval: Interval, periods: readonly Span[]): Span[] {
  const period = periods
    .filter(({ startsAt, endsAt }) => startsAt <= line.startsAt && line.startsAt < endsAt)
    .toSorted(
      (a, b) =>
        Number(endsWith(b, line)) - Number(endsWith(a, line)) || b.startsAt.getTime() - a.startsAt.getTime(),
    )[0];
  const months =
    period === undefined
      ? monthsBefore(line)
      : [...monthsOfPeriod(period, interval), ...monthsAfter(period, line)];
  return months.filter((month) => overlapMs(month, line) > 0);
}

function endsWith({ endsAt }: Span, line: Span): boolean {
  return endsAt.getTime() === line.endsAt.getTime();
}

/** Counts months back from a span's end until its start is covered. */
function monthsBefore({ startsAt, endsAt }: Span): Span[] {
  const months: Span[] = [];
  for (let count = 1; count <= maxMonths; count += 1) {
    const month = { startsAt: addMonths(endsAt, -count), endsAt: addMonths(endsAt, 1 - count) };
    months.unshift(month);
    if (month.startsAt <= startsAt) break;
  }
  return months;
}

/** Counts months on from a period's end until a line's end is covered. */
function monthsAfter({ endsAt: from }: Span, line: Span): Span[] {
  const months: Span[] = [];
  for (let count = 0; count < maxMonths && addMonths(from, count) < line.endsAt; count += 1)
    months.push({ startsAt: addMonths(from, count), endsAt: addMonths(from, count + 1) });
  return months;
}

/** Returns how long two spans overlap, in milliseconds. Pure. */
export function overlapMs(one: Span, other: Span): number {
  const from = Math.max(one.startsAt.getTime(), other.startsAt.getTime());
  const to = Math.min(one.endsAt.getTime(), other.endsAt.getTime());
  return Math.max(0, to - from);
}

/** Returns the length of a span in milliseconds. Pure. */
export function lengthMs({ startsAt, endsAt }: Span): number {
  return endsAt.getTime() - startsAt.getTime();
}
