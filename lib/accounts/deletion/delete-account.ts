import { and, eq, isNotNull, isNull, lte } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { apiKeys, emailTokens, members, outgoingMail, users, workspaces } from "#db/schema/accounts.ts";
import { freeCreditRegister } from "#db/schema/sign-in.ts";
import { revokeAllApiKeys } from "#lib/accounts/api-keys.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { accountDeletedEmail } from "#lib/accounts/email/account-emails.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { mailboxHash } from "#lib/accounts/email-address.ts";
import { revokeAllSessions } from "#lib/accounts/sessions.ts";
import { monthOf } from "#lib/core/clock.ts";
import { enqueue } from "#lib/core/queue.ts";

/**
 * Starts the deletions whose window is over: all sessions end, and a job cancels the subscription and then
 * deletes the data, with retries while Stripe is unavailable.
 * @returns how many deletions were started
 */
export async function startDueDeletions(at: Date): Promise<number> {
  const due = await db()
    .select({ id: workspaces.id })
    .from(workspaces)
    .where(and(lte(workspaces.deletionDueAt, at), isNull(workspaces.deletionStartedAt)));
  for (const { id } of due) await startDeletion(id, at);
  return due.length;
}

async function startDeletion(workspaceId: string, at: Date): Promise<void> {
  await db().transaction(async (tx) => {
    const [started] = await tx
      .update(workspaces)
      .set({ deletionStartedAt: at })
      // Checked again under the row's lock: the deletion may have been canceled meanwhile.
      .where(
        and(
          eq(workspaces.id, workspaceId),
          lte(workspaces.deletionDueAt, at),
          isNull(workspaces.deletionStartedAt),
        ),
      )
      .returning({ userId: workspaces.personalUserId });
    if (started === undefined) return;
    const { userId } = started;
    if (userId !== null) await revokeAllSessions(tx, userId, at);
    await revokeAllApiKeys(tx, workspaceId, at);
    const entry = { action: "account.deletion_started", actorUserId: null, workspaceId, target: workspaceId };
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
      // Before the user is deleted, whose language it has.
      await queueEmail(tx, {
        to: owner.email,
        template: accountDeletedEmail,
        data: undefined,
        uniqueKey: `deleted:${workspaceId}`,
      });
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
