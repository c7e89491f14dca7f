import { sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { blobStore } from "#lib/chat/files/blob-store.ts";

/** How long a file may wait for its message. */
const orphanMs = 86_400_000;
const batchSize = 100;

/**
 * Deletes files that no message names: those that were never sent, a day after their upload, and those whose
 * last message was deleted for good.
 * @returns how many were deleted
 */
export async function purgeAttachments(at: Date): Promise<number> {
  const before = new Date(at.getTime() - orphanMs).toISOString();
  return deleteInBatches(sql`a.created_at < ${before}::timestamptz
    and not exists (select from message_attachments m where m.attachment_id = a.id)`);
}

/** Deletes all files of a workspace, whose conversations are deleted already. */
export async function deleteAttachments(workspaceId: string): Promise<void> {
  await deleteInBatches(sql`a.workspace_id = ${workspaceId}::uuid`);
}

async function deleteInBatches(condition: ReturnType<typeof sql>): Promise<number> {
  let total = 0;
  while (true) {
    const rows = await db().execute<{ id: string }>(
      sql`select a.id from attachments a where ${condition} order by a.id limit ${batchSize}`,
    );
    const ids = rows.map(({ id }) => id);
    await deleteWithBytes(ids, condition);
    total += ids.length;
    if (ids.length < batchSize) return total;
  }
}

async function deleteWithBytes(ids: readonly string[], condition: ReturnType<typeof sql>): Promise<void> {
  if (ids.length === 0) return;
  // The condition is checked again under the rows' locks: a message may name a file since it was found.
  const deleted = await db().transaction(async (tx) => {
    const list = `{${ids.join(",")}}`;
    await tx.execute(sql`select id from attachments where id = any (${list}::uuid[]) order by id for update`);
    return tx.execute<{ id: string }>(
      sql`delete from attachments a where a.id = any (${list}::uuid[]) and ${condition} returning a.id`,
    );
  });
  await blobStore().delete(deleted.map(({ id }) => id));
}
