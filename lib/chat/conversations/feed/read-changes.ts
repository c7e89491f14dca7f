import { and, asc, eq, gte, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { conversations, projects } from "#db/schema/chat.ts";
import { type ListedConversation, readCursor, toListed } from "#lib/chat/conversations/conversation-list.ts";
import { lineColumns, ownedBy } from "#lib/chat/conversations/conversations.ts";
import { listProjects, type ProjectLine } from "#lib/chat/conversations/projects.ts";
import { readBalance } from "#lib/usage/balance.ts";

/** The changes of a user's list after a position. They are states, so receiving one twice changes nothing. */
export type ListChanges = {
  conversations: ListedConversation[];
  /** The ids of deleted conversations. */
  removed: string[];
  /** All projects, if one of them has changed. */
  projects: ProjectLine[] | null;
  /** The credit in micro-USD, if an answer has ended. */
  availableMicros: number | null;
};

/** More changes than this are not sent one by one: the reader loads the list again. */
const maxChanges = 500;

/**
 * Reads what has changed after a position.
 * @param cursor from the list or from the reading before
 * @returns the next position; `changes` is null if nothing has changed, "reload" if too much has, or if the
 *   position is of another database
 */
export async function readChanges(
  tx: Tx,
  workspaceId: string,
  userId: string,
  cursor: number,
  at: Date,
): Promise<{ cursor: number; changes: ListChanges | "reload" | null }> {
  const next = await readCursor(tx);
  // The database was restored from a backup, and counts its transactions anew.
  if (cursor > next) return { cursor: next, changes: "reload" };
  const [rows, changedProjects] = await Promise.all([
    tx
      .select({
        ...lineColumns,
        isDeleted: sql<boolean>`${conversations.deletedAt} is not null`,
        hasAnswer: sql<boolean>`${conversations.answeredAt} is not null`,
      })
      .from(conversations)
      .where(and(ownedBy(workspaceId, userId), gte(conversations.changedIn, cursor)))
      .orderBy(asc(conversations.changedIn))
      .limit(maxChanges + 1),
    tx
      .select({ id: projects.id })
      .from(projects)
      .where(
        and(
          eq(projects.workspaceId, workspaceId),
          eq(projects.userId, userId),
          gte(projects.changedIn, cursor),
        ),
      )
      .limit(1),
  ]);
  if (rows.length > maxChanges) return { cursor: next, changes: "reload" };
  if (rows.length === 0 && changedProjects.length === 0) return { cursor: next, changes: null };
  const present = rows.filter(({ isDeleted }) => !isDeleted);
  const [listed, projectLines, balance] = await Promise.all([
    toListed(
      tx,
      workspaceId,
      userId,
      present.map(({ isDeleted: _, hasAnswer: __, ...line }) => line),
    ),
    changedProjects.length === 0 ? null : listProjects(tx, workspaceId, userId),
    rows.some(({ hasAnswer }) => hasAnswer) ? readBalance(tx, workspaceId, at) : null,
  ]);
  return {
    cursor: next,
    changes: {
      conversations: listed,
      removed: rows.filter(({ isDeleted }) => isDeleted).map(({ id }) => id),
      projects: projectLines,
      availableMicros: balance?.availableMicros ?? null,
    },
  };
}
