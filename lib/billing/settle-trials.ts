import { eq, or, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { trials } from "#db/schema/billing-records.ts";
import { findPayerAddress } from "#lib/billing/customers.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";
import { trialAddressHash } from "#lib/billing/trial.ts";
import { AppError } from "#lib/core/errors.ts";
import { addToEvent } from "#lib/core/log.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";
import { cancelTrialNow } from "#lib/gateways/stripe/trials.ts";

/** A customer's state in which no trial runs that somebody was not entitled to. */
export type SettledState = CustomerState & {
  /** Ids of those that were ended because workspace, address or card had had one. */
  refusedTrials: ReadonlySet<string>;
};

/**
 * Notes the trials that we sold in the register, and ends at once, uncharged, those of a workspace, address or card that has
 * had one. Which card it is, is known only now, when Stripe has taken it. The register's unique keys decide between two at
 * the same instant: who comes second waits for the first to be written, and is refused. Trials that somebody made by hand at
 * Stripe are left alone. Under the customer's lock; saying it again changes nothing.
 * @throws AppError billing_unavailable
 */
export async function settleTrials(tx: Tx, workspaceId: string, state: CustomerState): Promise<SettledState> {
  const refused = new Set<string>();
  const subscriptions: StripeSubscription[] = [];
  for (const subscription of inOrder(state.subscriptions)) {
    const isHeld = !hasBegun(subscription) || (await holdTrial(tx, workspaceId, subscription, state));
    const isRefused = !isHeld && endsWithinTrial(subscription);
    if (isRefused) refused.add(subscription.id);
    const mustEnd = isRefused && subscription.endedAt === null;
    subscriptions.push(mustEnd ? await cancelTrialNow(subscription.id) : subscription);
    if (mustEnd) addToEvent({ trialRefused: subscription.id });
  }
  return { ...state, subscriptions, refusedTrials: refused };
}

/** The oldest comes first, whatever order Stripe lists them in. */
function inOrder(subscriptions: StripeSubscription[]): StripeSubscription[] {
  const ms = ({ createdAt }: StripeSubscription) => createdAt.getTime();
  return [...subscriptions].sort((a, b) => ms(a) - ms(b) || (a.id < b.id ? -1 : 1));
}

/** Whether it is a trial of ours that has been given, be it only for a moment. */
function hasBegun({ soldAsTrial, trialStartedAt, status }: StripeSubscription): boolean {
  return soldAsTrial && trialStartedAt !== null && !status.startsWith("incomplete");
}

/** What was paid for is not taken away, however it had begun. */
function endsWithinTrial({ status, endedAt, trialEndsAt }: StripeSubscription): boolean {
  return status === "trialing" || (endedAt !== null && trialEndsAt !== null && endedAt < trialEndsAt);
}

/** @returns false where workspace, address or card have had another trial */
async function holdTrial(
  tx: Tx,
  workspaceId: string,
  { id: subscriptionId, trialStartedAt: startedAt, card }: StripeSubscription,
  { details }: CustomerState,
): Promise<boolean> {
  const [known] = await tx.select().from(trials).where(eq(trials.subscriptionId, subscriptionId));
  if (known !== undefined || startedAt === null) return true;
  const email = await findPayerAddress(tx, workspaceId);
  // Its people are deleted, and with them everything that could still be given or refused.
  if (email === null) return true;
  const cardFingerprint = (card ?? details?.card)?.fingerprint ?? null;
  const held = await tx
    .insert(trials)
    .values({ subscriptionId, workspaceId, emailHash: trialAddressHash(email), cardFingerprint, startedAt })
    .onConflictDoNothing()
    .returning({ subscriptionId: trials.subscriptionId });
  return held.length > 0;
}

/**
 * Whether a workspace, and the address of its owner, have not had a trial yet. What their card has had is known only later.
 * @throws AppError trial_used
 */
export async function requireTrialLeft(tx: Tx, workspaceId: string): Promise<void> {
  if (await hasHadTrial(tx, workspaceId)) throw new AppError("trial_used");
}

/** Whether a workspace or the address of its owner is in the register of trials. */
export async function hasHadTrial(tx: Tx, workspaceId: string): Promise<boolean> {
  const email = await findPayerAddress(tx, workspaceId);
  if (email === null) return true;
  const [taken] = await tx
    .select({ one: sql<number>`1` })
    .from(trials)
    .where(or(eq(trials.workspaceId, workspaceId), eq(trials.emailHash, trialAddressHash(email))))
    .limit(1);
  return taken !== undefined;
}
