import { and, eq, isNotNull, isNull } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { workspaces } from "#db/schema/accounts.ts";
import { revokeAllApiKeys } from "#lib/accounts/api-keys.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { deletionCanceledEmail, deletionScheduledEmail } from "#lib/accounts/email/data-emails.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { type Identity, revokeAllSessions } from "#lib/accounts/sessions.ts";
import { AppError, errorReason, fieldProblem, invalidInput } from "#lib/core/errors.ts";
import { enqueue } from "#lib/core/queue.ts";

/** How long a requested deletion can be canceled. */
const cancellationWindowMs = 7 * 86_400_000;

/**
 * Requests the deletion of a user's account and workspace; it starts after seven days unless it is canceled.
 * The user's other sessions and all API keys are revoked immediately, and a job ends the plan's renewal. A
 * repeated request changes nothing.
 * @param typedEmail the email address that the user typed as confirmation
 * @returns when the deletion starts
 * @throws AppError `invalid_input` if the typed address differs, `forbidden` if the user is not the owner
 */
export async function requestDeletion(identity: Identity, typedEmail: string, at: Date): Promise<Date> {
  const { userId, workspaceId, email, memberRole, sessionId } = identity;
  if (memberRole !== "owner") throw new AppError("forbidden", { reason: errorReason("deletionByOwnerOnly") });
  if (typedEmail.trim().toLowerCase() !== email)
    throw invalidInput([fieldProblem("typedEmail", "emailMismatch", { email })]);
  const dueAt = new Date(at.getTime() + cancellationWindowMs);
  return db().transaction(async (tx) => {
    const requested = await tx
      .update(workspaces)
      .set({ deletionRequestedAt: at, deletionDueAt: dueAt })
      .where(
        and(
          eq(workspaces.id, workspaceId),
          isNull(workspaces.deletionRequestedAt),
          isNull(workspaces.deletionStartedAt),
        ),
      )
      .returning({ id: workspaces.id });
    if (requested.length === 0) return (await readDueTime(tx, workspaceId)) ?? at;
    await revokeAllSessions(tx, userId, at, sessionId);
    await revokeAllApiKeys(tx, workspaceId, at);
    const uniqueKey = `deletion-scheduled:${workspaceId}:${at.getTime()}`;
    await queueEmail(tx, { to: email, template: deletionScheduledEmail, data: { dueAt }, uniqueKey });
    const data = { dueAt: dueAt.toISOString() };
    const action = "account.deletion_requested";
    await recordAudit(tx, { action, actorUserId: userId, workspaceId, target: userId, data }, at);
    await enqueue(tx, "account.stop-renewal", { workspaceId }, { uniqueKey: workspaceId });
    return dueAt;
  });
}

/**
 * Cancels a requested deletion. Revoked keys stay revoked, and the plan's renewal stays off. Without a
 * requested deletion it changes nothing.
 * @throws AppError `forbidden` if the user is not the owner, `conflict` if the deletion has started
 */
export async function cancelDeletion(identity: Identity, at: Date): Promise<void> {
  const { userId, workspaceId, email, memberRole } = identity;
  if (memberRole !== "owner") throw new AppError("forbidden", { reason: errorReason("deletionByOwnerOnly") });
  await db().transaction(async (tx) => {
    // Locks the row, so that either this or the start of the deletion comes first.
    const [workspace] = await tx
      .select({ requestedAt: workspaces.deletionRequestedAt, startedAt: workspaces.deletionStartedAt })
      .from(workspaces)
      .where(eq(workspaces.id, workspaceId))
      .for("update");
    if (workspace?.startedAt != null)
      throw new AppError("conflict", { reason: errorReason("accountBeingDeleted") });
    if (workspace?.requestedAt == null) return;
    await tx
      .update(workspaces)
      .set({ deletionRequestedAt: null, deletionDueAt: null })
      .where(eq(workspaces.id, workspaceId));
    const uniqueKey = `deletion-canceled:${workspaceId}:${workspace.requestedAt.getTime()}`;
    await queueEmail(tx, { to: email, template: deletionCanceledEmail, data: undefined, uniqueKey });
    const action = "account.deletion_canceled";
    await recordAudit(tx, { action, actorUserId: userId, workspaceId, target: userId }, at);
  });
}

/** Returns the owner of a workspace whose deletion is requested and has not started; null otherwise. */
export async function findDeletionRequester(tx: Tx, workspaceId: string): Promise<string | null> {
  const [row] = await tx
    .select({ userId: workspaces.personalUserId })
    .from(workspaces)
    .where(
      and(
        eq(workspaces.id, workspaceId),
        isNotNull(workspaces.deletionRequestedAt),
        isNull(workspaces.deletionStartedAt),
      ),
    );
  return row?.userId ?? null;
}

async function readDueTime(tx: Tx, workspaceId: string): Promise<Date | null> {
  const [row] = await tx
    .select({ dueAt: workspaces.deletionDueAt })
    .from(workspaces)
    .where(eq(workspaces.id, workspaceId));
  return row?.dueAt ?? null;
}
