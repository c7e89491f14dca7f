import { asc, gte, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { revenueDaily } from "#db/schema/billing-records.ts";
import { marginOf, untaxedCharges } from "#lib/billing/margin.ts";
import { type RevenueDay, readRevenue } from "#lib/billing/revenue.ts";
import { fromCents } from "#lib/ground/money.ts";

/** How the business stands, over all workspaces. Money in micro-USD. */
export type OperatorOverview = {
  today: RevenueDay;
  /** Each day since the first that was written down, up to today as it is at this moment; the oldest first. */
  days: RevenueDay[];
  /** Of the last 30 days: how many paid subscriptions ended, and of how many; null where nobody paid 30 days ago. */
  churn: { ended: number; of: number | null };
  /** Of the calendar month (UTC) that runs. */
  month: { paidMicros: number; chargedMicros: number; costMicros: number; marginMicros: number };
  inbox: { waiting: number; failed: number; oldestWaitingAt: Date | null; p95LagSeconds: number | null };
  openFindings: number;
};

const dayMs = 86_400_000;
const churnDays = 30;

/** Reads the overview. Today is counted, not read, so that it is never a night old. For operators alone. */
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
    days: withoutGaps(all).filter(({ day }) => day > dayOf(days)),
    churn: churnOf(all, dayOf(churnDays)),
    month,
    ...inbox,
  };
}

/**
 * Every day from the first to the last, so that equal steps are equal times. On one that nobody wrote down things stood as on
 * the day before, and nothing is known to have happened. Pure.
 * @param days the oldest first
 */
export function withoutGaps(days: RevenueDay[]): RevenueDay[] {
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

/** What ended since a day, of those who paid at its end. Pure. */
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
        from (${untaxedCharges}) h where h.created_at >= ${from}::date) c,
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

/** The lag is that of events of the last day, from their making at Stripe to their end here. */
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
