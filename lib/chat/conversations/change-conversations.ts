import { and, asc, eq, inArray, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { conversations } from "#db/schema/chat.ts";
import { ownedBy } from "#lib/chat/conversations/conversations.ts";
import { requireProject } from "#lib/chat/conversations/projects.ts";
import { notFound } from "#lib/core/errors.ts";

/** A change of the place of conversations in their list. */
export type ConversationChange =
  | { type: "pin"; pinned: boolean }
  | { type: "archive"; archived: boolean }
  /** Into a project, or with null out of it. A conversation that is moved into one leaves the archive. */
  | { type: "move"; projectId: string | null }
  /** A deleted conversation can be restored until its text is deleted after 30 days. */
  | { type: "delete"; deleted: boolean }
  | { type: "read" };

/** How many conversations are changed at once. */
export const maxChangedAtOnce = 1_000;

/**
 * Changes conversations of a user. Repeating a change has no further effect, and the first time stays.
 * @param ids at most `maxChangedAtOnce`; those that are not the user's are ignored
 * @returns the ids of the user's conversations among them
 * @throws AppError not_found when none is the user's, or the project is not
 */
export async function changeConversations(
  tx: Tx,
  workspaceId: string,
  userId: string,
  ids: string[],
  change: ConversationChange,
  at: Date,
): Promise<string[]> {
  return tx.transaction(async (inner) => {
    if (change.type === "move" && change.projectId !== null)
      await requireProject(inner, workspaceId, userId, change.projectId);
    // Locked in one order, so that two changes of several rows cannot wait for each other.
    const own = await inner
      .select({ id: conversations.id })
      .from(conversations)
      .where(and(ownedBy(workspaceId, userId), inArray(conversations.id, ids), isPresent(change)))
      .orderBy(asc(conversations.id))
      .for("update");
    if (own.length === 0) throw notFound("conversation");
    const ownIds = own.map(({ id }) => id);
    await inner
      .update(conversations)
      .set(toColumns(change, at))
      .where(and(eq(conversations.workspaceId, workspaceId), inArray(conversations.id, ownIds)));
    return ownIds;
  });
}

/** A deleted conversation can only be deleted again or restored. */
function isPresent(change: ConversationChange) {
  return change.type === "delete" ? undefined : sql`${conversations.deletedAt} is null`;
}

function toColumns(change: ConversationChange, at: Date): Record<string, unknown> {
  const since = (column: unknown) => sql`coalesce(${column}, ${at.toISOString()}::timestamptz)`;
  switch (change.type) {
    case "pin":
      return { pinnedAt: change.pinned ? since(conversations.pinnedAt) : null };
    case "archive":
      return { archivedAt: change.archived ? since(conversations.archivedAt) : null };
    case "move":
      return { projectId: change.projectId, ...(change.projectId !== null && { archivedAt: null }) };
    case "delete":
      return { deletedAt: change.deleted ? since(conversations.deletedAt) : null };
    case "read":
      return { readAt: sql`greatest(${conversations.readAt}, ${conversations.answeredAt})` };
  }
}
