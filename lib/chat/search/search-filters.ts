import { type SQL, sql } from "drizzle-orm";
import type { SearchRequest } from "#lib/chat/search/search-request.ts";

export type SearchOwner = { workspaceId: string; userId: string };

/** The owner's conversations, in table `c`, that may be shown. */
export function isVisible({ workspaceId, userId }: SearchOwner, { pinned }: SearchRequest): SQL {
  const isPinned = pinned === undefined ? sql`` : sql`and c.pinned_at is not null`;
  return sql`c.workspace_id = ${workspaceId} and c.user_id = ${userId} and c.deleted_at is null ${isPinned}`;
}

/** What the filters for time and model let through. */
export function isWithin(at: SQL, model: SQL, request: SearchRequest): SQL {
  const conditions = [
    sql`true`,
    ...(request.from === undefined ? [] : [sql`${at} >= ${request.from}::timestamptz`]),
    ...(request.to === undefined ? [] : [sql`${at} < ${request.to}::timestamptz`]),
    ...(request.model === undefined ? [] : [sql`${model} = ${request.model}`]),
  ];
  return sql.join(conditions, sql` and `);
}
