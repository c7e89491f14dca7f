import { and, eq, sql } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { attachments } from "#db/schema/attachments.ts";
import { type Bucket, takeToken } from "#lib/accounts/rate-limit.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { plans } from "#lib/billing/catalog/plans.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { readSubscription } from "#lib/billing/entitlements/subscription-state.ts";
import type { AttachmentInfo } from "#lib/chat/files/attachment-info.ts";
import { maxFileBytes, maxFileNameLength, maxImageSide } from "#lib/chat/files/attachment-limits.ts";
import { findAttachment } from "#lib/chat/files/attachments.ts";
import { blobStore, readBlob } from "#lib/chat/files/blob-store.ts";
import { toSafeFileName } from "#lib/chat/files/document-text.ts";
import { inspectInWorker } from "#lib/chat/files/inspect/inspect-in-worker.ts";
import { type FileProblem, type Inspection, RejectedFile } from "#lib/chat/files/inspect/inspection.ts";
import { AppError, type ErrorCode, type ErrorReason, errorReason, notFound } from "#lib/core/errors.ts";
import { addToEvent } from "#lib/core/log.ts";

type Owner = Pick<Identity, "userId" | "workspaceId">;
/** @property bytes the size that the client announces */
type Upload = { id: string; name: string; bytes: number };

const uploadBucket: Bucket = { capacity: 40, refillPerMinute: 20 };

/**
 * Stores a file and finds out what it is. Nothing remains of a file that is refused or breaks off.
 * @param upload.id chosen by the client, so that a repeated request returns the first one's result
 * @throws AppError too_many_requests, payload_too_large, unsupported_media_type, bad_request, conflict
 */
export async function uploadAttachment(
  owner: Owner,
  upload: Upload,
  chunks: AsyncIterable<Uint8Array>,
  at: Date,
): Promise<AttachmentInfo> {
  const name = toSafeFileName(upload.name, maxFileNameLength);
  if (upload.bytes > maxFileBytes)
    throw new AppError("payload_too_large", {
      reason: errorReason("fileTooLarge", { max: formatSize(maxFileBytes) }),
    });
  if (upload.bytes === 0) throw toRejection("empty");
  const token = await takeToken(db(), `attachments:${owner.userId}`, uploadBucket, at);
  if (!token.ok) throw new AppError("too_many_requests", { retryAfterSeconds: token.retryAfterSeconds });
  const known = await reserve(owner, { ...upload, name }, at);
  if (known !== null) return known;
  try {
    const size = await blobStore().write(upload.id, chunks);
    if (size !== upload.bytes) throw new AppError("bad_request", { reason: errorReason("fileIncomplete") });
    const inspection = await inspectInWorker(name, () => readBlob(upload.id, size));
    addToEvent({ attachmentId: upload.id, kind: inspection.kind, bytes: size });
    return await complete(owner, upload.id, inspection, size);
  } catch (error) {
    await discard(owner, upload.id);
    throw error instanceof RejectedFile ? toRejection(error.problem) : error;
  }
}

/**
 * Creates the row of an upload if the plan has room for it. The lock makes concurrent uploads count each
 * other.
 * @returns the file if it was uploaded before, else null
 */
async function reserve(owner: Owner, upload: Upload, at: Date): Promise<AttachmentInfo | null> {
  const { userId, workspaceId } = owner;
  return db().transaction(async (tx) => {
    await tx.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(${`attachments:${workspaceId}`}::text, 0))`,
    );
    const known = await findAttachment(tx, owner, upload.id);
    if (known !== null) return known;
    // An upload of the same file that broke off.
    await tx.delete(attachments).where(isUploading(owner, upload.id));
    await requireRoom(tx, workspaceId, upload.bytes, at);
    const { id, name, bytes } = upload;
    const row = { id, workspaceId, userId, name, bytes, createdAt: at };
    const added = await tx
      .insert(attachments)
      .values(row)
      .onConflictDoNothing()
      .returning({ id: attachments.id });
    if (added.length === 0) throw new AppError("conflict");
    return null;
  });
}

/** @throws AppError payload_too_large */
async function requireRoom(tx: Tx, workspaceId: string, bytes: number, at: Date): Promise<void> {
  const { plan } = entitlementsOf(await readSubscription(tx, workspaceId), at);
  const { storageBytes } = plans[plan];
  const [row] = await tx
    .select({ bytes: sql<number>`coalesce(sum(${attachments.bytes}), 0)::float8` })
    .from(attachments)
    .where(eq(attachments.workspaceId, workspaceId));
  if ((row?.bytes ?? 0) + bytes <= storageBytes) return;
  const reason = errorReason("filesFull", { max: formatSize(storageBytes) });
  throw new AppError("payload_too_large", { reason });
}

async function complete(
  owner: Owner,
  id: string,
  inspection: Inspection,
  size: number,
): Promise<AttachmentInfo> {
  const { replacement, ...facts } = inspection;
  const bytes = replacement?.length ?? size;
  if (replacement !== null) await blobStore().write(id, only(replacement));
  const completed = await db()
    .update(attachments)
    .set({ ...facts, bytes, status: "ready" })
    .where(isUploading(owner, id))
    .returning({ id: attachments.id });
  const found = completed.length === 0 ? null : await findAttachment(db(), owner, id);
  // It was removed while it was read.
  if (found === null) throw notFound("file");
  return found;
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

async function discard(owner: Owner, id: string): Promise<void> {
  await blobStore().delete([id]);
  await db().delete(attachments).where(isUploading(owner, id));
}

function isUploading({ userId }: Owner, id: string) {
  return and(eq(attachments.id, id), eq(attachments.userId, userId), eq(attachments.status, "uploading"));
}

const rejections: Record<FileProblem, { code: ErrorCode; reason: ErrorReason }> = {
  empty: { code: "bad_request", reason: errorReason("fileEmpty") },
  encrypted: { code: "bad_request", reason: errorReason("fileEncrypted") },
  unreadable: { code: "bad_request", reason: errorReason("fileUnreadable") },
  unsupported: { code: "unsupported_media_type", reason: errorReason("fileUnsupported") },
  imageTooLarge: {
    code: "payload_too_large",
    reason: errorReason("imageTooLarge", { side: String(maxImageSide) }),
  },
  tooLong: { code: "payload_too_large", reason: errorReason("fileTooLong") },
  withoutText: { code: "bad_request", reason: errorReason("fileWithoutText") },
};

function toRejection(problem: FileProblem): AppError {
  const { code, reason } = rejections[problem];
  return new AppError(code, { reason });
}

/** Formats a limit, which is a whole number of its unit, as both languages write it. */
function formatSize(bytes: number): string {
  const mebibytes = bytes / 1_048_576;
  return mebibytes >= 1_024 ? `${mebibytes / 1_024} GB` : `${mebibytes} MB`;
}
