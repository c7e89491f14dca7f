import { and, eq, isNotNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { workspaces } from "#db/schema/accounts.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";

/**
 * Throws while a requested deletion of the workspace waits: nothing is bought, renewed or enlarged that the
 * deletion would end a few days later.
 * @throws AppError conflict; forbidden once the deletion has started
 */
export async function refuseDuringDeletion(tx: Tx, workspaceId: string): Promise<void> {
  const [requested] = await tx
    .select({ startedAt: workspaces.deletionStartedAt })
    .from(workspaces)
    .where(and(eq(workspaces.id, workspaceId), isNotNull(workspaces.deletionRequestedAt)));
  if (requested === undefined) return;
  if (requested.startedAt !== null)
    throw new AppError("forbidden", { reason: errorReason("workspaceBeingDeleted") });
  throw new AppError("conflict", { reason: errorReason("deletionScheduled") });
}
