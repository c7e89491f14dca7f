import { and, eq, gt } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { dataExportChunks, dataExports } from "#db/schema/data-exports.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { hashExportToken } from "#lib/accounts/data-exports/export-token.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { requireFreshProof } from "#lib/accounts/step-up.ts";
import { notFound } from "#lib/core/errors.ts";
import { sameSecret } from "#lib/core/secrets/same-secret.ts";

/** An archive that may be downloaded. */
export type ExportDownload = {
  fileName: string;
  sizeBytes: number;
  /** Returns the next bytes of the archive; null at its end. */
  readChunk(seq: number): Promise<Uint8Array | null>;
};

type Owner = Pick<Identity, "userId" | "workspaceId" | "provedAt">;

/**
 * Opens a user's own archive. The emailed token proves access to the mailbox; without it, the session needs a
 * proof of identity that is younger than ten minutes.
 * @throws AppError `not_found` (unknown, expired, another user's, or a wrong token), `step_up_required`
 */
export async function openExportDownload(
  owner: Owner,
  exportId: string,
  token: string | null,
  at: Date,
): Promise<ExportDownload> {
  const found = await findReadyExport(db(), owner.userId, exportId, at);
  if (found === null) throw notFound("dataExport");
  if (token === null) requireFreshProof(owner, at);
  else if (!sameSecret(hashExportToken(token), found.tokenHash)) throw notFound("dataExport");
  const { userId, workspaceId } = owner;
  const data = { byLink: token !== null };
  const entry = {
    action: "data_export.downloaded",
    actorUserId: userId,
    workspaceId,
    target: exportId,
    data,
  };
  await recordAudit(db(), entry, at);
  const day = found.completedAt.toISOString().slice(0, 10);
  return {
    fileName: `export-${day}.zip`,
    sizeBytes: found.sizeBytes,
    readChunk: (seq) => readChunk(db(), exportId, seq),
  };
}

/**
 * Finds a user's own archive by its emailed link.
 * @returns null if it does not exist, has expired, belongs to another user, or the token is wrong
 */
export async function findLinkedExport(
  tx: Tx,
  userId: string,
  { id, token }: { id: string; token: string },
  at: Date,
): Promise<{ sizeBytes: number; completedAt: Date; expiresAt: Date } | null> {
  const found = await findReadyExport(tx, userId, id, at);
  return found !== null && sameSecret(hashExportToken(token), found.tokenHash) ? found : null;
}

type ReadyExport = { sizeBytes: number; tokenHash: string; completedAt: Date; expiresAt: Date };

async function findReadyExport(
  tx: Tx,
  userId: string,
  exportId: string,
  at: Date,
): Promise<ReadyExport | null> {
  const [row] = await tx
    .select({
      sizeBytes: dataExports.sizeBytes,
      tokenHash: dataExports.tokenHash,
      completedAt: dataExports.completedAt,
      expiresAt: dataExports.expiresAt,
    })
    .from(dataExports)
    .where(
      and(
        eq(dataExports.id, exportId),
        eq(dataExports.userId, userId),
        eq(dataExports.status, "ready"),
        gt(dataExports.expiresAt, at),
      ),
    );
  const { sizeBytes, tokenHash, completedAt, expiresAt } = row ?? {};
  if (sizeBytes == null || tokenHash == null || completedAt == null || expiresAt == null) return null;
  return { sizeBytes, tokenHash, completedAt, expiresAt };
}

async function readChunk(tx: Tx, exportId: string, seq: number): Promise<Uint8Array | null> {
  const [chunk] = await tx
    .select({ bytes: dataExportChunks.bytes })
    .from(dataExportChunks)
    .where(and(eq(dataExportChunks.exportId, exportId), eq(dataExportChunks.seq, seq)));
  return chunk?.bytes ?? null;
}
