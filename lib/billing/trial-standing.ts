import { and, eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { checkoutSessions } from "#db/schema/billing.ts";
import { trials } from "#db/schema/billing-records.ts";
import { isRunning } from "#lib/billing/decide-checkout.ts";
import { readSubscription } from "#lib/billing/read.ts";
import { hasHadTrial } from "#lib/billing/settle-trials.ts";
import { proTrial } from "#lib/billing/trial.ts";

/** How a workspace stands to the trial (M11). `refused`: it was begun with a card or an address that had had one. */
export type TrialStanding = { kind: "open" } | { kind: "refused"; at: Date } | { kind: "closed" };

/**
 * Whether a workspace is offered the trial, from our own rows alone: Stripe is not asked. A trial whose Checkout was finished
 * and that never came into the register was refused, and is not offered again.
 */
export async function readTrialStanding(tx: Tx, workspaceId: string): Promise<TrialStanding> {
  const refusedAt = await readRefusal(tx, workspaceId);
  if (refusedAt !== null) return { kind: "refused", at: refusedAt };
  const subscription = await readSubscription(tx, workspaceId);
  const isFree = subscription === null || !isRunning(subscription);
  return { kind: isFree && !(await hasHadTrial(tx, workspaceId)) ? "open" : "closed" };
}

async function readRefusal(tx: Tx, workspaceId: string): Promise<Date | null> {
  const [finished] = await tx
    .select({ at: checkoutSessions.createdAt, held: trials.subscriptionId })
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
  return finished === undefined || finished.held !== null ? null : finished.at;
}
