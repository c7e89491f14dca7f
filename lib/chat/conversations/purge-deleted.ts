import { sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";

/** How long a deleted conversation could still be restored; screens and the privacy policy say so. */
const retentionMs = 30 * 86_400_000;
/** Limits how long one transaction runs. */
const batchSize = 200;

/**
 * Deletes conversations for good that were deleted 30 days ago, with messages, generations and their text in
 * the request log. Ledger entries and the request log keep their amounts. The audit log says how many of each
 * user were deleted.
 * @returns how many conversations were deleted
 */
export async function purgeDeletedConversations(at: Date): Promise<number> {
  const deletedBefore = new Date(at.getTime() - retentionMs).toISOString();
  let total = 0;
  while (true) {
    const purged = await db().transaction((tx) => purgeBatch(tx, deletedBefore, at));
    total += purged;
    if (purged < batchSize) return total;
  }
}

async function purgeBatch(tx: Tx, deletedBefore: string, at: Date): Promise<number> {
  // The lock orders the purge and a concurrent restoration.
  const rows = await tx.execute<{ id: string; workspaceId: string; userId: string }>(sql`
    select c.id, c.workspace_id as "workspaceId", c.user_id as "userId" from conversations c
    where c.deleted_at < ${deletedBefore}::timestamptz
      and not exists (select from messages m join generations g on g.message_id = m.id
        where m.conversation_id = c.id and g.status = 'running')
    limit ${batchSize} for update skip locked`);
  if (rows.length === 0) return 0;
  const ids = sql`${`{${rows.map(({ id }) => id).join(",")}}`}::uuid[]`;
  await tx.execute(sql`
    update openai_interactions set prompt = null, answer = null
    where (prompt is not null or answer is not null) and hold_id in (
      select g.hold_id from messages m join generations g on g.message_id = m.id where m.conversation_id = any (${ids}))`);
  await tx.execute(sql`delete from conversations where id = any (${ids})`);
  for (const [, owned] of Map.groupBy(rows, ({ workspaceId, userId }) => `${workspaceId}:${userId}`)) {
    const { workspaceId = null, userId = "" } = owned[0] ?? {};
    const data = { count: owned.length };
    await recordAudit(
      tx,
      { action: "conversations.purged", actorUserId: null, workspaceId, target: userId, data },
      at,
    );
  }
  return rows.length;
}
