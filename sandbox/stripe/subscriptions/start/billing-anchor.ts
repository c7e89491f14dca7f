import type Stripe from "stripe";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { assertFuture } from "#sandbox/stripe/protocol/moments.ts";
import { count, object, required, whole } from "#sandbox/stripe/protocol/params.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { type Interval, intervalsAfter, periodAround } from "#sandbox/stripe/subscriptions/periods.ts";

/** The parameters that set a new subscription's start and its first full billing date. */
export const anchorParams = {
  backdate_start_date: whole(),
  billing_cycle_anchor: whole(),
  billing_cycle_anchor_config: object({
    day_of_month: required(count()),
    hour: count(),
    minute: count(),
    month: count(),
    second: count(),
  }),
};
type AnchorReaders = typeof anchorParams;
type AnchorRequest = { [K in keyof AnchorReaders]?: ReturnType<AnchorReaders[K]> };
type Span = { start: number; end: number };

/**
 * Returns the requested billing anchor of a subscription whose first paid period starts at `start` (seconds),
 * or null without a request. Throws if it lies beyond the natural end of that period.
 */
export function requestedAnchor(
  { billing_cycle_anchor: anchor, billing_cycle_anchor_config: config }: AnchorRequest,
  every: Interval,
  start: number,
  at: number,
): number | null {
  if (anchor !== undefined && config !== undefined) {
    throw invalid(
      "You may only specify one of these parameters: billing_cycle_anchor, billing_cycle_anchor_config.",
      "billing_cycle_anchor",
    );
  }
  if (config) return nextOccurrence(config, every, start);
  if (anchor === undefined) return null;
  assertFuture(anchor, at, "billing_cycle_anchor");
  const natural = intervalsAfter(start, every);
  if (anchor <= natural) return anchor;
  throw invalid(
    `billing_cycle_anchor cannot be later than next natural billing date (${natural}) for plan.`,
    "billing_cycle_anchor",
  );
}

/** Throws if a backdated start is not in the past. */
export function assertPastStart(start: number | undefined, at: number): void {
  if (start === undefined || start <= at) return;
  throw invalid("Invalid timestamp: must be an integer Unix timestamp in the past.", "backdate_start_date");
}

/** Whether the time before a subscription's first billing anchor is free (`proration_behavior: none`). */
export function startsFree(world: World, subscription: string): boolean {
  return world.tables.marks.get(`free_start:${subscription}`) !== undefined;
}

/** Records that the time before the first billing anchor is free. */
export function markFreeStart(world: World, subscription: string): void {
  world.tables.marks.put({ id: `free_start:${subscription}` });
}

/** The whole billing period of which a period before the first anchor is a part. */
export function naturalPeriod(subscription: Stripe.Subscription, every: Interval, period: Span): Span {
  const { billing_cycle_anchor: anchor } = subscription;
  return period.start < anchor ? periodAround(anchor, every, period.start) : period;
}

function nextOccurrence(
  {
    day_of_month: day,
    hour,
    minute,
    month,
    second,
  }: NonNullable<AnchorRequest["billing_cycle_anchor_config"]>,
  every: Interval,
  start: number,
): number {
  if (every.interval !== "month" && every.interval !== "year") {
    throw invalid(
      "`billing_cycle_anchor_config` is only valid for monthly and yearly prices.",
      "billing_cycle_anchor_config",
    );
  }
  if (day < 1 || day > 31) {
    throw invalid(
      "Invalid day of month: must be between 1 and 31.",
      "billing_cycle_anchor_config[day_of_month]",
    );
  }
  const from = new Date(start * 1000);
  const time = [hour ?? from.getUTCHours(), minute ?? from.getUTCMinutes(), second ?? from.getUTCSeconds()];
  for (let ahead = 0; ahead <= 12; ahead += 1) {
    const year = from.getUTCFullYear();
    const inMonth = from.getUTCMonth() + ahead;
    const lastDay = new Date(Date.UTC(year, inMonth + 1, 0)).getUTCDate();
    const moment = Date.UTC(year, inMonth, Math.min(day, lastDay), ...time) / 1000;
    const isWanted = month === undefined || new Date(moment * 1000).getUTCMonth() + 1 === month;
    if (isWanted && moment > start) return moment;
  }
  throw invalid("Invalid month: must be between 1 and 12.", "billing_cycle_anchor_config[month]");
}
