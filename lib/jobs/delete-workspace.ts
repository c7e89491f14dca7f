import { db } from "#db/client.ts";
import { deleteUsers, isBeingDeleted, listPendingDeletions } from "#lib/accounts/deletion/delete-account.ts";
import { findDeletionRequester } from "#lib/accounts/deletion/request-deletion.ts";
import { cancelAtPeriodEnd } from "#lib/billing/actions/cancel.ts";
import { anonymizeBilling, closeBilling } from "#lib/billing/actions/close-billing.ts";
import { deleteAnswers } from "#lib/chat/api/cache/stored-answers.ts";
import { deleteChats, stopAllGenerations } from "#lib/chat/conversations/delete-chats.ts";
import { deleteAttachments } from "#lib/chat/files/purge-attachments.ts";
import { now } from "#lib/core/clock.ts";
import { AppError } from "#lib/core/errors.ts";
import { addToEvent } from "#lib/core/log.ts";
import { enqueue } from "#lib/core/queue.ts";

/**
 * Deletes a workspace whose deletion has started: cancels billing, stops generations, and deletes
 * conversations and users, in this order. Every step is idempotent, so a retry continues after a failure.
 * Ledger, invoices and rollups remain, without personal data.
 * @throws AppError `billing_unavailable`, `conflict` (a generation is still running); nothing is deleted in
 *   either case
 */
export async function deleteWorkspace(workspaceId: string): Promise<void> {
  addToEvent({ workspaceId });
  if (!(await isBeingDeleted(db(), workspaceId))) return;
  await closeBilling(workspaceId, now());
  const running = await stopAllGenerations(workspaceId);
  if (running > 0) throw new AppError("conflict", { message: `${running} answers have not stopped yet.` });
  await deleteChats(workspaceId);
  await deleteAttachments(workspaceId);
  await deleteAnswers(db(), workspaceId);
  await anonymizeBilling(workspaceId);
  await deleteUsers(workspaceId, now());
}

/**
 * Ends the renewal of a workspace's plan while its deletion waits, so that no new period is charged
 * meanwhile. A plan that entitles to nothing any more ends immediately.
 * @throws AppError `billing_unavailable`
 */
export async function stopRenewal(workspaceId: string): Promise<void> {
  addToEvent({ workspaceId });
  const userId = await findDeletionRequester(db(), workspaceId);
  if (userId === null) return;
  try {
    await cancelAtPeriodEnd({ userId, workspaceId, memberRole: "owner" }, now());
  } catch (error) {
    // Most accounts have no plan.
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
  }
}

/** Restarts unfinished deletions every night, in case a job ran out of attempts during a long outage. */
export async function resumeDeletions(): Promise<void> {
  for (const workspaceId of await listPendingDeletions(db()))
    await enqueue(db(), "workspace.delete", { workspaceId }, { uniqueKey: workspaceId });
}
