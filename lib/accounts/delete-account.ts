import { and, eq, isNotNull, isNull } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { apiKeys, emailTokens, members, outgoingMail, users, workspaces } from "#db/schema/accounts.ts";
import { freeCreditRegister } from "#db/schema/sign-in.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { accountDeletedEmail } from "#lib/accounts/email/account-emails.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { mailboxHash } from "#lib/accounts/email-address.ts";
import { type Identity, revokeAllSessions } from "#lib/accounts/sessions.ts";
import { monthOf } from "#lib/core/clock.ts";
import { AppError, errorReason, fieldProblem, invalidInput } from "#lib/core/errors.ts";
import { enqueue } from "#lib/core/queue.ts";

/**
 * Starts the deletion of a user's account and workspace. All sessions and API keys are revoked immediately; a
 * job cancels the subscription and then deletes the data, with retries while Stripe is unavailable.
 * @param typedEmail the email address that the user typed as confirmation
 * @throws AppError `invalid_input` if the typed address differs, `forbidden` if the user is not the owner
 */
export async function startDeletion(identity: Identity, typedEmail: string, at: Date): Promise<void> {
  const { userId, workspaceId, email, memberRole } = identity;
  if (memberRole !== "owner") throw new AppError("forbidden", { reason: errorReason("deletionByOwnerOnly") });
  if (typedEmail.trim().toLowerCase() !== email)
    throw invalidInput([fieldProblem("typedEmail", "emailMismatch", { email })]);
  await db().transaction(async (tx) => {
    const started = await tx
      .update(workspaces)
      .set({ deletionStartedAt: at })
      .where(and(eq(workspaces.id, workspaceId), isNull(workspaces.deletionStartedAt)))
      .returning({ id: workspaces.id });
    if (started.length === 0) return;
    await revokeAllSessions(tx, userId, at);
    await tx
      .update(apiKeys)
      .set({ revokedAt: at })
      .where(and(eq(apiKeys.workspaceId, workspaceId), isNull(apiKeys.revokedAt)));
    await queueEmail(tx, {
      to: email,
      template: accountDeletedEmail,
      data: undefined,
      uniqueKey: `deleted:${workspaceId}`,
    });
    const entry = { action: "account.deletion_started", actorUserId: userId, workspaceId, target: userId };
    await recordAudit(tx, entry, at);
    await enqueue(tx, "workspace.delete", { workspaceId }, { uniqueKey: workspaceId });
  });
}

/** Lists the ids of workspaces whose deletion has started and not finished. */
export async function listPendingDeletions(tx: Tx): Promise<string[]> {
  const rows = await tx
    .select({ id: workspaces.id })
    .from(workspaces)
    .where(and(isNotNull(workspaces.deletionStartedAt), isNull(workspaces.deletedAt)));
  return rows.map(({ id }) => id);
}

/** Whether a workspace's deletion has started and not finished. */
export async function isBeingDeleted(tx: Tx, workspaceId: string): Promise<boolean> {
  const [row] = await tx
    .select({ id: workspaces.id })
    .from(workspaces)
    .where(
      and(
        eq(workspaces.id, workspaceId),
        isNotNull(workspaces.deletionStartedAt),
        isNull(workspaces.deletedAt),
      ),
    );
  return row !== undefined;
}

/**
 * Deletes the users of a workspace in one transaction, with their sessions, keys, tokens and sent emails. The
 * workspace's row remains without a name, because the ledger refers to it. This is the last step of a
 * deletion.
 */
export async function deleteUsers(workspaceId: string, at: Date): Promise<void> {
  await db().transaction(async (tx) => {
    const [owner] = await tx
      .select({
        id: users.id,
        email: users.email,
        createdAt: workspaces.createdAt,
        freeCreditFrom: workspaces.freeCreditFrom,
      })
      .from(workspaces)
      .innerJoin(users, eq(users.id, workspaces.personalUserId))
      .where(eq(workspaces.id, workspaceId));
    await tx
      .update(workspaces)
      .set({ name: "Deleted", personalUserId: null, deletedAt: at })
      .where(eq(workspaces.id, workspaceId));
    await tx.delete(members).where(eq(members.workspaceId, workspaceId));
    await tx.delete(apiKeys).where(eq(apiKeys.workspaceId, workspaceId));
    if (owner !== undefined) {
      await registerFreeCredit(tx, owner, at);
      await tx.delete(emailTokens).where(eq(emailTokens.email, owner.email));
      await tx
        .delete(outgoingMail)
        .where(and(eq(outgoingMail.toAddress, owner.email), isNotNull(outgoingMail.sentAt)));
      await tx.delete(users).where(eq(users.id, owner.id));
    }
    const entry = { action: "account.deleted", actorUserId: null, workspaceId, target: workspaceId };
    await recordAudit(tx, entry, at);
  });
}

/** Remembers the mailbox until the month ends whose free credit the account could have spent. */
async function registerFreeCredit(
  tx: Tx,
  { email, createdAt, freeCreditFrom }: { email: string; createdAt: Date; freeCreditFrom: Date | null },
  at: Date,
): Promise<void> {
  const monthEnd = monthOf(createdAt, at).endsAt;
  const usedUntil = freeCreditFrom !== null && freeCreditFrom > monthEnd ? freeCreditFrom : monthEnd;
  await tx
    .insert(freeCreditRegister)
    .values({ mailboxHash: mailboxHash(email), usedUntil })
    .onConflictDoUpdate({ target: freeCreditRegister.mailboxHash, set: { usedUntil } });
}
