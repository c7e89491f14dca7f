import { and, asc, eq, inArray } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { subscriptionItems, subscriptions } from "#db/schema/billing.ts";
import { isOurPrice } from "#lib/billing/customer/plan-subscriptions.ts";
import { runningStatuses } from "#lib/billing/customer/subscription-statuses.ts";
import { fromMinorUnits } from "#lib/core/money.ts";

/** A running subscription whose price is not in our catalog. The amount is in millionths of the currency. */
export type OtherSubscription = {
  name: string;
  status: string;
  priceMicros: number | null;
  currency: string;
  interval: string | null;
};

/**
 * Reads a workspace's running subscription whose price is not in our catalog, to say what it is (B6). Of
 * several, the oldest.
 * @returns null without one
 */
export async function readOtherSubscription(tx: Tx, workspaceId: string): Promise<OtherSubscription | null> {
  const rows = await tx
    .select({ id: subscriptions.id, status: subscriptions.status, item: subscriptionItems })
    .from(subscriptions)
    .innerJoin(subscriptionItems, eq(subscriptionItems.subscriptionId, subscriptions.id))
    .where(
      and(eq(subscriptions.workspaceId, workspaceId), inArray(subscriptions.status, [...runningStatuses])),
    )
    .orderBy(asc(subscriptions.createdAt), asc(subscriptionItems.id));
  const first = rows.find(({ item }) => !isOurPrice(item.lookupKey));
  if (first === undefined) return null;
  const { status, item } = first;
  const { unitAmountCents: cents, quantity, currency, interval } = item;
  return {
    name: item.productName ?? item.priceId,
    status,
    priceMicros: cents === null ? null : fromMinorUnits(cents * quantity, currency),
    currency,
    interval,
  };
}
