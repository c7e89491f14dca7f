import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { overagePrices } from "#lib/billing/catalog/overage-prices.ts";
import { findCurrent, findMainItem } from "#lib/billing/customer/current-subscription.ts";

/** An item of a subscription, as `subscriptionsJson` returns it. Times are milliseconds since 1970 (UTC). */
export type SubscriptionItemRow = {
  /** Stripe's id (si_...). */
  id: string;
  /** The price's key in our catalog; null for a price without a key. */
  lookupKey: string | null;
  periodStartMs: number;
  periodEndMs: number;
};

/** A subscription, as `subscriptionsJson` returns it. Times are milliseconds since 1970 (UTC). */
export type SubscriptionRow = {
  /** Stripe's id (sub_...). */
  id: string;
  /** Stripe's status. */
  status: string;
  cancelAtPeriodEnd: boolean;
  cancelAtMs: number | null;
  trialEndsAtMs: number | null;
  pastDueSinceMs: number | null;
  createdAtMs: number;
  items: SubscriptionItemRow[];
};

/**
 * The subscription of a workspace that counts, as far as it decides anything. Times are milliseconds since
 * 1970 (UTC), because the rows leave PostgreSQL as JSON inside larger statements.
 */
export type SubscriptionState = {
  /** Stripe's id (sub_...). */
  id: string;
  /** Stripe's status; only entitlements.ts interprets it. */
  status: string;
  /** The price's key in our catalog; null for a price without a key. */
  lookupKey: string | null;
  cancelAtPeriodEnd: boolean;
  cancelAtMs: number | null;
  trialEndsAtMs: number | null;
  pastDueSinceMs: number | null;
  periodStartMs: number | null;
  periodEndMs: number | null;
};

/**
 * Returns the subscription of a workspace that counts (see `findCurrent`), with the period of its plan's
 * item. Pure.
 * @param rows all subscriptions of one workspace, in any order
 * @returns null for a workspace that never had a subscription
 */
export function currentSubscription(rows: readonly SubscriptionRow[]): SubscriptionState | null {
  const row = findCurrent(rows);
  if (row === null) return null;
  const { items, createdAtMs: _createdAtMs, ...facts } = row;
  const item = findMainItem(items);
  return {
    ...facts,
    lookupKey: item?.lookupKey ?? null,
    periodStartMs: item?.periodStartMs ?? null,
    periodEndMs: item?.periodEndMs ?? null,
  };
}

/**
 * The SQL for all subscriptions of a workspace as a JSON array of SubscriptionRow ([] for none), to be
 * embedded in a larger statement. It chooses nothing: pass the array to `currentSubscription`.
 * @param workspaceIdColumn a column or parameter of the surrounding statement; never user input
 */
export function subscriptionsJson(workspaceIdColumn: string): string {
  return `(select coalesce(json_agg(json_build_object(
    'id', s.id, 'status', s.status, 'cancelAtPeriodEnd', s.cancel_at_period_end,
    'cancelAtMs', (extract(epoch from s.cancel_at) * 1000)::float8,
    'trialEndsAtMs', (extract(epoch from s.trial_ends_at) * 1000)::float8,
    'pastDueSinceMs', (extract(epoch from s.past_due_since) * 1000)::float8,
    'createdAtMs', (extract(epoch from s.created_at) * 1000)::float8,
    'items', (select coalesce(json_agg(json_build_object('id', i.id, 'lookupKey', i.lookup_key,
        'periodStartMs', (extract(epoch from i.period_start) * 1000)::float8,
        'periodEndMs', (extract(epoch from i.period_end) * 1000)::float8)), '[]')
      from subscription_items i where i.subscription_id = s.id))), '[]')
    from subscriptions s where s.workspace_id = ${workspaceIdColumn})`;
}

/** Reads the subscription of a workspace that counts; null where there never was one. */
export async function readSubscription(tx: Tx, workspaceId: string): Promise<SubscriptionState | null> {
  const [row] = await tx.execute<{ subscriptions: SubscriptionRow[] }>(
    sql`select ${sql.raw(subscriptionsJson("w.id"))} as subscriptions
      from (values (${workspaceId}::uuid)) as w(id)`,
  );
  return currentSubscription(row?.subscriptions ?? []);
}

/**
 * The lookup keys of prices beside a plan, as SQL. Replaced by `subscriptionsJson`; remove it with its last
 * caller.
 */
export const noPlans = `array[${Object.values(overagePrices)
  .map((key) => `'${key}'`)
  .join(", ")}]`;

/**
 * The SQL for the one subscription that the SQL function `subscription_of` picks. Replaced by
 * `subscriptionsJson`.
 */
export function subscriptionJson(workspaceId: string): string {
  return `subscription_of(${workspaceId}, ${noPlans})`;
}
