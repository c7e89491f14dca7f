import { db } from "#db/client.ts";
import { deleteUsers, isBeingDeleted, listPendingDeletions } from "#lib/accounts/delete-account.ts";
import { anonymizeBilling, closeBilling } from "#lib/billing/actions/close-billing.ts";
import { deleteChats, stopAllGenerations } from "#lib/chat/conversations/delete-chats.ts";
import { now } from "#lib/core/clock.ts";
import { AppError } from "#lib/core/errors.ts";
import { addToEvent } from "#lib/core/log.ts";
import { enqueue } from "#lib/core/queue.ts";

/**
 * Deletes a workspace whose deletion was begun: first what is paid for, then what runs, then what was written, then who wrote
 * it. Each step may be done again, so that whatever stops it, the queue's next attempt goes on where it was. What the books
 * need (ledger, invoices, sums) stays, and names nobody.
 * @throws AppError billing_unavailable, conflict (an answer has not stopped yet); nothing is erased before both are settled
 */
export async function deleteWorkspace(workspaceId: string): Promise<void> {
  addToEvent({ workspaceId });
  if (!(await isBeingDeleted(db(), workspaceId))) return;
  await closeBilling(workspaceId, now());
  const running = await stopAllGenerations(workspaceId);
  if (running > 0) throw new AppError("conflict", { message: `${running} answers have not stopped yet.` });
  await deleteChats(workspaceId);
  await anonymizeBilling(workspaceId);
  await deleteUsers(workspaceId, now());
}

/** Every night, for those whose job was given up: an outage may last longer than a queue's patience. */
export async function resumeDeletions(): Promise<void> {
  for (const workspaceId of await listPendingDeletions(db()))
    await enqueue(db(), "workspace.delete", { workspaceId }, { uniqueKey: workspaceId });
}
