import { type AnyColumn, type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { overagePrices } from "#lib/billing/overage-prices.ts";

/**
 * A workspace's subscription, as far as it decides anything. Times are milliseconds since 1970 (UTC), because the same
 * shape leaves PostgreSQL as JSON inside larger statements.
 */
export type SubscriptionState = {
  /** Stripe's id (sub_...). */
  id: string;
  /** Stripe's word; what it means is said in entitlements.ts alone. */
  status: string;
  /** The price's key in our catalogue; null for a price that is not ours. */
  lookupKey: string | null;
  cancelAtPeriodEnd: boolean;
  cancelAtMs: number | null;
  trialEndsAtMs: number | null;
  pastDueSinceMs: number | null;
  periodStartMs: number | null;
  periodEndMs: number | null;
};

/** The keys of prices that stand beside a plan's and are none. */
const noPlans = Object.values(overagePrices)
  .map((key) => `'${key}'`)
  .join(", ");

/**
 * The SQL for a workspace's subscription as JSON (a SubscriptionState, or null), to be put into a larger statement.
 * Of several, the one that gives most comes first: running before past due before ended, then the newest.
 * @param workspaceId a column or parameter of the statement around it; never something a caller sent
 */
export function subscriptionJson(workspaceId: string): string {
  const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;
  return `(
    select json_build_object(
      'id', s.id, 'status', s.status, 'lookupKey', i.lookup_key, 'cancelAtPeriodEnd', s.cancel_at_period_end,
      'cancelAtMs', ${ms("s.cancel_at")}, 'trialEndsAtMs', ${ms("s.trial_ends_at")},
      'pastDueSinceMs', ${ms("s.past_due_since")}, 'periodStartMs', ${ms("i.period_start")},
      'periodEndMs', ${ms("i.period_end")})
    from subscriptions s
    left join lateral (
      select * from subscription_items item where item.subscription_id = s.id
      order by coalesce(item.lookup_key in (${noPlans}), true), item.id limit 1
    ) i on true
    where s.workspace_id = ${workspaceId}
    order by case s.status when 'active' then 0 when 'trialing' then 0 when 'past_due' then 1
        when 'canceled' then 3 when 'incomplete_expired' then 3 else 2 end, s.created_at desc, s.id
    limit 1
  )`;
}

/** The condition that an item is not one of those that stand beside a plan's. */
export function isPlanItem(lookupKey: AnyColumn): SQL {
  return sql`coalesce(${lookupKey} not in (${sql.raw(noPlans)}), true)`;
}

/** A workspace's subscription, or null where there never was one. */
export async function readSubscription(tx: Tx, workspaceId: string): Promise<SubscriptionState | null> {
  const [row] = await tx.execute<{ subscription: SubscriptionState | null }>(
    sql`select ${sql.raw(subscriptionJson("w.id"))} as subscription
      from (values (${workspaceId}::uuid)) as w(id)`,
  );
  return row?.subscription ?? null;
}
