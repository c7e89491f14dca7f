import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { revenueDaily } from "#db/schema/billing-records.ts";
import { offers } from "#lib/billing/catalog/plans.ts";
import { runningStatuses } from "#lib/billing/customer/subscription-statuses.ts";

const dayMs = 86_400_000;

/** Statuses of subscriptions that have been in force: the running ones, and those that ended later. */
const everRunningStatuses = sql.join(
  [...runningStatuses, "canceled"].map((status) => sql`${status}`),
  sql`, `,
);

/** Only plans of ours count, not what other products sell to the same customers. */
const planKeys = sql.join(
  offers.map(({ price }) => sql`${price.lookupKey}`),
  sql`, `,
);

/** The revenue figures at the end of a day; for the current day, at this moment. */
export type RevenueDay = {
  /** UTC, YYYY-MM-DD. */
  day: string;
  /**
   * Monthly recurring revenue of our plans in USD, before discounts and tax; a yearly price counts one
   * twelfth.
   */
  mrrCents: number;
  paying: number;
  trialing: number;
  pastDue: number;
  /** Subscriptions whose first paid period started on this day. */
  started: number;
  /** Paid subscriptions that ended on this day. */
  ended: number;
  failedPayments: number;
};

/**
 * Computes the revenue figures of one day over all workspaces, from our own tables: at the day's end, or at
 * `at` if that is earlier. The dates of a subscription determine its past state; only its price is the
 * current one.
 */
export async function readRevenue(tx: Tx, day: string, at: Date): Promise<RevenueDay> {
  const from = new Date(`${day}T00:00:00Z`);
  const to = new Date(from.getTime() + dayMs);
  const moment = (to < at ? to : at).toISOString();
  const within = (column: string) =>
    sql`${sql.raw(column)} >= ${from.toISOString()}::timestamptz and ${sql.raw(column)} < ${to.toISOString()}::timestamptz`;
  const [row] = await tx.execute<Omit<RevenueDay, "day">>(sql`
    with monthly as materialized (
      select i.subscription_id as id,
        sum(i.unit_amount_cents * i.quantity / case i.interval when 'year' then 12.0 else 1.0 end) as cents
      from subscription_items i where i.lookup_key in (${planKeys}) and i.currency = 'usd' group by 1
    ), running as materialized (
      select m.cents as monthly,
        s.status = 'past_due' and coalesce(s.past_due_since <= ${moment}::timestamptz, true) as past_due,
        coalesce(s.trial_ends_at > ${moment}::timestamptz, false) as trialing
      from subscriptions s join monthly m on m.id = s.id
      where s.created_at <= ${moment}::timestamptz and (s.ended_at is null or s.ended_at > ${moment}::timestamptz)
        and s.status in (${everRunningStatuses})
    ), transitions as materialized (
      select id, workspace_id, ${within("coalesce(trial_ends_at, created_at)")} as started,
        status = 'canceled' and ended_at is not null and ${within("ended_at")} as ended
      from subscriptions join monthly using (id)
      where (${within("coalesce(trial_ends_at, created_at)")}) or (status = 'canceled' and ${within("ended_at")})
    ), paid as materialized (
      select t.* from transitions t where exists (select 1 from invoices i where i.workspace_id = t.workspace_id
        and i.subscription_id = t.id and i.amount_paid_cents > 0)
    )
    select coalesce((select round(sum(monthly)) from running where not trialing), 0)::float8 as "mrrCents",
      (select count(*) from running where not trialing and not past_due)::int as paying,
      (select count(*) from running where trialing)::int as trialing,
      (select count(*) from running where past_due and not trialing)::int as "pastDue",
      (select count(*) from paid where started)::int as started,
      (select count(*) from paid where ended)::int as ended,
      (select count(*) from stripe_events where type = 'invoice.payment_failed'
        and received_at >= ${from.toISOString()}::timestamptz and ${within("created_at")})::int as "failedPayments"`);
  if (row === undefined) throw new Error("The revenue query returned no row.");
  return { day, ...row };
}

/** Writes the current day and the previous one, which may have ended since it was last written. */
export async function writeRevenue(tx: Tx, at: Date): Promise<void> {
  for (const moment of [new Date(at.getTime() - dayMs), at]) {
    const { day, ...sums } = await readRevenue(tx, moment.toISOString().slice(0, 10), at);
    const row = { ...sums, takenAt: at };
    await tx
      .insert(revenueDaily)
      .values({ day, ...row })
      .onConflictDoUpdate({ target: revenueDaily.day, set: row });
  }
}
