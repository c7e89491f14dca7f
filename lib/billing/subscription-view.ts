import { and, eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { subscriptionItems, subscriptions } from "#db/schema/billing.ts";
import { findOffer } from "#lib/billing/plans.ts";
import { isPlanItem } from "#lib/billing/read.ts";
import { notFound } from "#lib/core/errors.ts";

/** A subscription as the API shows it to its owner. */
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
 * One subscription of a workspace.
 * @throws AppError not_found, also for a subscription of somebody else
 */
export async function readSubscriptionView(
  tx: Tx,
  workspaceId: string,
  subscriptionId: string,
): Promise<SubscriptionView> {
  const [row] = await tx
    .select()
    .from(subscriptions)
    .leftJoin(
      subscriptionItems,
      and(eq(subscriptionItems.subscriptionId, subscriptions.id), isPlanItem(subscriptionItems.lookupKey)),
    )
    .where(and(eq(subscriptions.id, subscriptionId), eq(subscriptions.workspaceId, workspaceId)))
    .orderBy(subscriptionItems.lookupKey, subscriptionItems.id)
    .limit(1);
  if (row === undefined) throw notFound("subscription");
  const { subscriptions: subscription, subscription_items: item } = row;
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
