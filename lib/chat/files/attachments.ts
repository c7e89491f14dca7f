import { and, eq, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { attachments, messageAttachments } from "#db/schema/attachments.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";
import { blobStore } from "#lib/chat/files/blob-store.ts";
import { AppError, errorReason, notFound } from "#lib/core/errors.ts";

type Owner = Pick<Identity, "userId" | "workspaceId">;

const columns = {
  id: attachments.id,
  kind: attachments.kind,
  name: attachments.name,
  contentType: attachments.contentType,
  bytes: attachments.bytes,
  width: attachments.width,
  height: attachments.height,
  pages: attachments.pages,
  tokens: attachments.tokens,
};

function isReady({ userId, workspaceId }: Owner, id: string) {
  return and(
    eq(attachments.id, id),
    eq(attachments.userId, userId),
    eq(attachments.workspaceId, workspaceId),
    eq(attachments.status, "ready"),
  );
}

/** Finds a user's own complete file; null without it. */
export async function findAttachment(tx: Tx, owner: Owner, id: string): Promise<AttachmentInfo | null> {
  const [found] = await tx.select(columns).from(attachments).where(isReady(owner, id));
  if (found === undefined) return null;
  const { kind, contentType } = found;
  // A ready file has both, by a CHECK of the table.
  return kind === null || contentType === null ? null : { ...found, kind, contentType };
}

/**
 * Opens a user's own file for download.
 * @throws AppError not_found, also for the file of another user
 */
export async function openAttachment(
  owner: Owner,
  id: string,
): Promise<{ info: AttachmentInfo; bytes: AsyncGenerator<Uint8Array, void> }> {
  const info = await findAttachment(db(), owner, id);
  if (info === null) throw notFound("file");
  return { info, bytes: blobStore().read(id) };
}

/**
 * Deletes a file that was not sent yet. Repeating it, or removing an unknown file, changes nothing.
 * @throws AppError conflict for a file of a message
 */
export async function removeAttachment({ userId, workspaceId }: Owner, id: string): Promise<void> {
  const isOwn = and(
    eq(attachments.id, id),
    eq(attachments.userId, userId),
    eq(attachments.workspaceId, workspaceId),
  );
  const unsent = sql`not exists (select from ${messageAttachments} where ${messageAttachments.attachmentId} = ${attachments.id})`;
  const removed = await db().delete(attachments).where(and(isOwn, unsent)).returning({ id: attachments.id });
  if (removed.length > 0) return blobStore().delete([id]);
  const [left] = await db().select({ id: attachments.id }).from(attachments).where(isOwn);
  if (left !== undefined) throw new AppError("conflict", { reason: errorReason("fileChanged") });
}
