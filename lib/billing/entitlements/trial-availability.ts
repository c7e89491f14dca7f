import { and, eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { checkoutSessions } from "#db/schema/billing.ts";
import { trials } from "#db/schema/billing-records.ts";
import { proTrial } from "#lib/billing/catalog/trial-offer.ts";
import { isOngoing } from "#lib/billing/customer/subscription-statuses.ts";
import { readSubscription, type SubscriptionState } from "#lib/billing/entitlements/subscription-state.ts";
import { hasHadTrial } from "#lib/billing/entitlements/trial-register.ts";

/**
 * Whether a workspace can start a trial (M11). `refused`: its trial ended at once, because card or email had
 * had one.
 */
export type TrialAvailability = { kind: "open" } | { kind: "refused"; at: Date } | { kind: "closed" };

/**
 * Reads whether a workspace is offered the trial, from our own tables. A completed trial Checkout without an
 * entry in the register means that the trial was refused; it is not offered again.
 * @param loadedSubscription the current subscription if it was read before; undefined reads it
 */
export async function readTrialAvailability(
  tx: Tx,
  workspaceId: string,
  loadedSubscription?: SubscriptionState | null,
): Promise<TrialAvailability> {
  const refusedAt = await readRefusal(tx, workspaceId);
  if (refusedAt !== null) return { kind: "refused", at: refusedAt };
  const subscription =
    loadedSubscription === undefined ? await readSubscription(tx, workspaceId) : loadedSubscription;
  if (subscription !== null && isOngoing(subscription)) return { kind: "closed" };
  return { kind: (await hasHadTrial(tx, workspaceId)) ? "closed" : "open" };
}

/** Returns when the Checkout of a refused trial was created; null without a refused trial. */
async function readRefusal(tx: Tx, workspaceId: string): Promise<Date | null> {
  const [completed] = await tx
    .select({ at: checkoutSessions.createdAt, registered: trials.subscriptionId })
    .from(checkoutSessions)
    .leftJoin(trials, eq(trials.workspaceId, checkoutSessions.workspaceId))
    .where(
      and(
        eq(checkoutSessions.workspaceId, workspaceId),
        eq(checkoutSessions.lookupKey, proTrial.lookupKey),
        eq(checkoutSessions.status, "complete"),
      ),
    )
    .limit(1);
  return completed === undefined || completed.registered !== null ? null : completed.at;
}
