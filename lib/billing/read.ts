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

/** The keys of prices that stand beside a plan's and are none, as SQL. */
export const noPlans = `array[${Object.values(overagePrices)
  .map((key) => `'${key}'`)
  .join(", ")}]`;

/**
 * The SQL for a workspace's subscription as JSON (a SubscriptionState, or null), to be put into a larger statement; see the SQL
 * function `subscription_of`, which says which one of several it is.
 * @param workspaceId a column or parameter of the statement around it; never something a caller sent
 */
export function subscriptionJson(workspaceId: string): string {
  return `subscription_of(${workspaceId}, ${noPlans})`;
}

/** The condition that an item is not one of those that stand beside a plan's. */
export function isPlanItem(lookupKey: AnyColumn): SQL {
  return sql`coalesce(${lookupKey} <> all(${sql.raw(noPlans)}), true)`;
}

/** A workspace's subscription, or null where there never was one. */
export async function readSubscription(tx: Tx, workspaceId: string): Promise<SubscriptionState | null> {
  const [row] = await tx.execute<{ subscription: SubscriptionState | null }>(
    sql`select ${sql.raw(subscriptionJson("w.id"))} as subscription
      from (values (${workspaceId}::uuid)) as w(id)`,
  );
  return row?.subscription ?? null;
}
