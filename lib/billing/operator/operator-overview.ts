import { asc, gte, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { revenueDaily } from "#db/schema/billing-records.ts";
import { chargesBeforeTax, marginOf } from "#lib/billing/reports/margin.ts";
import { type RevenueDay, readRevenue } from "#lib/billing/reports/revenue.ts";
import { fromCents } from "#lib/core/money.ts";

/** Key figures over all workspaces. Amounts in micro-USD. */
export type OperatorOverview = {
  today: RevenueDay;
  /** One entry per day, oldest first; the last one is today at this moment. */
  days: RevenueDay[];
  /**
   * Paid subscriptions that ended in the last 30 days, out of how many; null when there were none 30 days
   * ago.
   */
  churn: { ended: number; of: number | null };
  /** The current calendar month (UTC). */
  month: { paidMicros: number; chargedMicros: number; costMicros: number; marginMicros: number };
  inbox: { waiting: number; failed: number; oldestWaitingAt: Date | null; p95LagSeconds: number | null };
  openFindings: number;
};

const dayMs = 86_400_000;
const churnDays = 30;

/**
 * Reads the overview. Today's figures are computed now, past days are read from the table. Only for
 * operators.
 */
export async function readOperatorOverview(tx: Tx, days: number, at: Date): Promise<OperatorOverview> {
  const dayOf = (daysAgo: number) => new Date(at.getTime() - daysAgo * dayMs).toISOString().slice(0, 10);
  const [today, written, month, inbox] = await Promise.all([
    readRevenue(tx, dayOf(0), at),
    tx
      .select()
      .from(revenueDaily)
      .where(gte(revenueDaily.day, dayOf(Math.max(days, churnDays + 1))))
      .orderBy(asc(revenueDaily.day)),
    readMonth(tx, at),
    readInbox(tx, at),
  ]);
  const past = written.filter(({ day }) => day < today.day).map(({ takenAt: _takenAt, ...day }) => day);
  const all = [...past, today];
  return {
    today,
    days: fillGaps(all).filter(({ day }) => day > dayOf(days)),
    churn: churnOf(all, dayOf(churnDays)),
    month,
    ...inbox,
  };
}

/**
 * Fills missing days, so that charts have equal steps. A missing day repeats the levels of the previous day,
 * with no events. Pure.
 * @param days oldest first
 */
export function fillGaps(days: RevenueDay[]): RevenueDay[] {
  return days.flatMap((day, index) => {
    const next = days[index + 1];
    if (next === undefined) return [day];
    const gap = Math.round((Date.parse(next.day) - Date.parse(day.day)) / dayMs) - 1;
    const missing = Array.from({ length: Math.max(0, gap) }, (_, step) => ({
      ...day,
      day: new Date(Date.parse(day.day) + (step + 1) * dayMs).toISOString().slice(0, 10),
      ...{ started: 0, ended: 0, failedPayments: 0 },
    }));
    return [day, ...missing];
  });
}

/** Returns the subscriptions that ended after a day, and how many were paying at its end. Pure. */
export function churnOf(days: RevenueDay[], since: string): OperatorOverview["churn"] {
  const before = days.findLast(({ day }) => day <= since);
  const ended = days.filter(({ day }) => day > since).reduce((sum, day) => sum + day.ended, 0);
  const of = before === undefined ? 0 : before.paying + before.pastDue;
  return { ended, of: of === 0 ? null : of };
}

async function readMonth(tx: Tx, at: Date): Promise<OperatorOverview["month"]> {
  const from = `${at.toISOString().slice(0, 7)}-01`;
  const [row] = await tx.execute<{ paid: number; returned: number; charged: number; cost: number }>(sql`
    select paid, returned, charged, cost from
      (select coalesce(round(sum(h.paid)), 0)::float8 as paid, coalesce(round(sum(h.returned)), 0)::float8 as returned
        from (${chargesBeforeTax}) h where h.created_at >= ${from}::date) c,
      (select coalesce(sum(charged_micros), 0)::float8 as charged, coalesce(sum(cost_micros), 0)::float8 as cost
        from usage_daily where day >= ${from}::date) u`);
  const { paid = 0, returned = 0, charged = 0, cost = 0 } = row ?? {};
  return {
    paidMicros: fromCents(paid - returned),
    chargedMicros: charged,
    costMicros: cost,
    marginMicros: marginOf({ paidCents: paid, returnedCents: returned, costMicros: cost }),
  };
}

/**
 * Reads the inbox figures. The lag covers the last day's events, from their creation at Stripe to the end of
 * processing.
 */
async function readInbox(tx: Tx, at: Date): Promise<Pick<OperatorOverview, "inbox" | "openFindings">> {
  const dayAgo = new Date(at.getTime() - dayMs).toISOString();
  const [row] = await tx.execute<{
    waiting: number;
    failed: number;
    oldest: string | null;
    p95: number | null;
    findings: number;
  }>(sql`
    select (select count(*)::int from stripe_events where state = 'received') as waiting,
      (select count(*)::int from stripe_events where state = 'failed') as failed,
      (select min(received_at)::text from stripe_events where state = 'received') as oldest,
      (select percentile_cont(0.95) within group (order by greatest(0, extract(epoch from processed_at - created_at)))::float8
        from stripe_events where received_at >= ${dayAgo}::timestamptz and state = 'done') as p95,
      (select count(*)::int from billing_drift where fixed_at is null) as findings`);
  const { waiting = 0, failed = 0, oldest = null, p95 = null, findings = 0 } = row ?? {};
  return {
    inbox: {
      waiting,
      failed,
      oldestWaitingAt: oldest === null ? null : new Date(oldest),
      p95LagSeconds: p95,
    },
    openFindings: findings,
  };
}
