import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { findCurrent, findMainItem } from "#lib/billing/customer/current-subscription.ts";

/**
 * An item of a subscription, as the SQL function subscription_candidates returns it. Times are milliseconds
 * since 1970 (UTC).
 */
export type SubscriptionItemRow = {
  /** Stripe's id (si_...). */
  id: string;
  /** The price's key in our catalog; null for a price without a key. */
  lookupKey: string | null;
  periodStartMs: number;
  periodEndMs: number;
};

/**
 * A subscription, as the SQL function subscription_candidates returns it. Times are milliseconds since 1970
 * (UTC).
 */
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
  return `subscription_candidates(${workspaceIdColumn})`;
}

/** Reads the subscription of a workspace that counts; null where there never was one. */
export async function readSubscription(tx: Tx, workspaceId: string): Promise<SubscriptionState | null> {
  const [row] = await tx.execute<{ subscriptions: SubscriptionRow[] }>(
    sql`select ${sql.raw(subscriptionsJson("w.id"))} as subscriptions
      from (values (${workspaceId}::uuid)) as w(id)`,
  );
  return currentSubscription(row?.subscriptions ?? []);
}
