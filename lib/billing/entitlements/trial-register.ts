import { eq, or, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { trials } from "#db/schema/billing-records.ts";
import { mailboxHash } from "#lib/accounts/email-address.ts";
import { findBillingEmail } from "#lib/billing/customer/customers.ts";
import { AppError } from "#lib/core/errors.ts";

/** A trial that has started at Stripe. */
export type StartedTrial = { subscriptionId: string; startedAt: Date; cardFingerprint: string | null };

/**
 * Registers a trial. Unique keys on workspace, email hash and card fingerprint decide between concurrent
 * trials: the second insert waits for the first to commit, and then registers nothing. Idempotent.
 * @returns false when the workspace, the owner's email or the card has had another trial
 */
export async function registerTrial(tx: Tx, workspaceId: string, trial: StartedTrial): Promise<boolean> {
  const { subscriptionId } = trial;
  const [registered] = await tx.select().from(trials).where(eq(trials.subscriptionId, subscriptionId));
  if (registered !== undefined) return true;
  const email = await findBillingEmail(tx, workspaceId);
  // The owner is deleted, so there is no trial left to grant or to refuse.
  if (email === null) return true;
  const inserted = await tx
    .insert(trials)
    .values({ ...trial, workspaceId, emailHash: mailboxHash(email) })
    .onConflictDoNothing()
    .returning({ subscriptionId: trials.subscriptionId });
  return inserted.length > 0;
}

/**
 * Throws when a workspace or its owner's email has had a trial. Stripe reveals the card only at the end of
 * the Checkout, so the card is checked then.
 * @throws AppError trial_used
 */
export async function requireTrialUnused(tx: Tx, workspaceId: string): Promise<void> {
  if (await hasHadTrial(tx, workspaceId)) throw new AppError("trial_used");
}

/** Whether a workspace or its owner's email is in the register of trials. */
export async function hasHadTrial(tx: Tx, workspaceId: string): Promise<boolean> {
  const email = await findBillingEmail(tx, workspaceId);
  if (email === null) return true;
  const [registered] = await tx
    .select({ one: sql<number>`1` })
    .from(trials)
    .where(or(eq(trials.workspaceId, workspaceId), eq(trials.emailHash, mailboxHash(email))))
    .limit(1);
  return registered !== undefined;
}
