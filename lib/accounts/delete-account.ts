import { and, eq, isNotNull, isNull } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { apiKeys, emailTokens, members, outgoingMail, users, workspaces } from "#db/schema/accounts.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { appLink, type LetterTemplate } from "#lib/accounts/letter.ts";
import { queueMail } from "#lib/accounts/mail.ts";
import { type Identity, revokeAllSessions } from "#lib/accounts/sessions.ts";
import { env } from "#lib/core/env.ts";
import { AppError, invalidInput } from "#lib/core/errors.ts";
import { enqueue } from "#lib/core/queue.ts";

/**
 * Begins the end of somebody's account and of their workspace. From here on nobody enters it, on any device or with any key;
 * the job that is written with it cancels what is paid for and then erases the rest, however long Stripe may be away.
 * @param typedEmail what the person typed to confirm
 * @throws AppError invalid_input (another address), forbidden (not the owner)
 */
export async function startDeletion(identity: Identity, typedEmail: string, at: Date): Promise<void> {
  const { userId, workspaceId, email, memberRole } = identity;
  if (memberRole !== "owner")
    throw new AppError("forbidden", { message: "Only the owner of this workspace may delete it." });
  if (typedEmail.trim().toLowerCase() !== email)
    throw invalidInput([{ path: "typedEmail", message: `Type ${email} to confirm.` }]);
  await db().transaction(async (tx) => {
    const begun = await tx
      .update(workspaces)
      .set({ deletionStartedAt: at })
      .where(and(eq(workspaces.id, workspaceId), isNull(workspaces.deletionStartedAt)))
      .returning({ id: workspaces.id });
    if (begun.length === 0) return;
    await revokeAllSessions(tx, userId, at);
    await tx
      .update(apiKeys)
      .set({ revokedAt: at })
      .where(and(eq(apiKeys.workspaceId, workspaceId), isNull(apiKeys.revokedAt)));
    await queueMail(tx, {
      to: email,
      template: accountDeletedLetter,
      data: undefined,
      uniqueKey: `deleted:${workspaceId}`,
    });
    const entry = { action: "account.deletion_started", actorUserId: userId, workspaceId, target: userId };
    await recordAudit(tx, entry, at);
    await enqueue(tx, "workspace.delete", { workspaceId }, { uniqueKey: workspaceId });
  });
}

/** What the person who has left learns: that it was done, and by whom it was asked for. */
export const accountDeletedLetter: LetterTemplate<undefined> = () => ({
  subject: `Your ${env().APP_NAME} account is deleted`,
  preview: "Nothing more is charged.",
  heading: "Your account is deleted",
  paragraphs: [
    "Somebody who was signed in, probably you, deleted this account. Your plan is canceled, and nothing more is charged.",
    "Your conversations, files and API keys are erased. What the books need of past payments is kept without your name.",
  ],
  action: { label: "Start anew", url: appLink("/sign-up") },
  notes: ["If this was not you, answer this letter at once: somebody else knows how to sign in as you."],
});

/** Deletions that were begun and are not done, for whoever makes sure that each ends. @returns workspace ids */
export async function listDeletions(tx: Tx): Promise<string[]> {
  const rows = await tx
    .select({ id: workspaces.id })
    .from(workspaces)
    .where(and(isNotNull(workspaces.deletionStartedAt), isNull(workspaces.deletedAt)));
  return rows.map(({ id }) => id);
}

/** Whether a workspace's deletion was begun and is not done. */
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
 * Erases a workspace's people: names, addresses, passwords, sessions, keys, and letters that have left. The workspace itself
 * stays, without a name, because the books hang on it. The last step of a deletion, in one transaction.
 */
export async function erasePeople(workspaceId: string, at: Date): Promise<void> {
  await db().transaction(async (tx) => {
    const [owner] = await tx
      .select({ id: users.id, email: users.email })
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
