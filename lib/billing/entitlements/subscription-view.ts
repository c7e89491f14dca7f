import { and, eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { subscriptionItems, subscriptions } from "#db/schema/billing.ts";
import { findOffer } from "#lib/billing/catalog/plans.ts";
import { findMainItem } from "#lib/billing/customer/current-subscription.ts";
import { notFound } from "#lib/core/errors.ts";

/** A subscription as the API returns it. */
export type SubscriptionView = {
  id: string;
  status: string;
  plan: string | null;
  interval: string | null;
  currentPeriodStart: string | null;
  currentPeriodEnd: string | null;
  cancelAt: string | null;
  cancelAtPeriodEnd: boolean;
  trialEndsAt: string | null;
  createdAt: string;
};

/**
 * Reads one subscription of a workspace.
 * @throws AppError not_found, also for another workspace's subscription
 */
export async function readSubscriptionView(
  tx: Tx,
  workspaceId: string,
  subscriptionId: string,
): Promise<SubscriptionView> {
  const rows = await tx
    .select()
    .from(subscriptions)
    .leftJoin(subscriptionItems, eq(subscriptionItems.subscriptionId, subscriptions.id))
    .where(and(eq(subscriptions.id, subscriptionId), eq(subscriptions.workspaceId, workspaceId)));
  const subscription = rows[0]?.subscriptions;
  if (subscription === undefined) throw notFound("subscription");
  const item = findMainItem(rows.map((row) => row.subscription_items).filter((found) => found !== null));
  return {
    id: subscription.id,
    status: subscription.status,
    plan: findOffer(item?.lookupKey ?? null)?.plan.id ?? null,
    interval: item?.interval ?? null,
    currentPeriodStart: item?.periodStart.toISOString() ?? null,
    currentPeriodEnd: item?.periodEnd.toISOString() ?? null,
    cancelAt: subscription.cancelAt?.toISOString() ?? null,
    cancelAtPeriodEnd: subscription.cancelAtPeriodEnd,
    trialEndsAt: subscription.trialEndsAt?.toISOString() ?? null,
    createdAt: subscription.createdAt.toISOString(),
  };
}
