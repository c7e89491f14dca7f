import { and, eq } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { members, users } from "#db/schema/accounts.ts";
import {
  appendExportChunk,
  beginExportRun,
  completeExport,
  type ExportRun,
  ExportSuperseded,
  failExport,
  maxExportAttempts,
  recordExportProgress,
} from "#lib/accounts/data-exports/build-run.ts";
import { findEmailLocale } from "#lib/accounts/users.ts";
import { now } from "#lib/core/clock.ts";
import { addToEvent } from "#lib/core/log.ts";
import {
  auditFiles,
  type ExportOwner,
  emailFile,
  keyFile,
  profileFile,
  securityFiles,
} from "#lib/jobs/data-export/account-files.ts";
import { attachmentFiles, attachmentList } from "#lib/jobs/data-export/attachment-files.ts";
import { billingFiles } from "#lib/jobs/data-export/billing-files.ts";
import {
  conversationFiles,
  conversationList,
  countConversations,
  ratingList,
  shareList,
} from "#lib/jobs/data-export/conversation-files.ts";
import type { ExportFile } from "#lib/jobs/data-export/export-file.ts";
import { readmeFile } from "#lib/jobs/data-export/readme-file.ts";
import { dailyUsageFile, ledgerFile, requestFile } from "#lib/jobs/data-export/usage-files.ts";
import { createArchive } from "#lib/jobs/data-export/write-archive.ts";

/** Progress is stored at most this many times per archive. */
const progressUpdates = 50;

/**
 * The job `account.export`: builds the archive of a user's data and emails its link. A run that is repeated
 * starts again; one that was superseded by another run, or whose account was deleted, ends quietly.
 */
export async function buildDataExport(exportId: string): Promise<void> {
  const run = await beginExportRun(exportId);
  if (run === null) return;
  addToEvent({ exportId, workspaceId: run.workspaceId, userId: run.userId, attempt: run.attempt });
  try {
    const sizeBytes = await writeArchive(run);
    await completeExport(run, sizeBytes, now());
    addToEvent({ sizeBytes });
  } catch (error) {
    if (error instanceof ExportSuperseded) return addToEvent({ superseded: true });
    if (run.attempt >= maxExportAttempts) await failExport(run, now());
    throw error;
  }
}

async function writeArchive(run: ExportRun): Promise<number> {
  const owner = await readOwner(db(), run);
  const locale = (await findEmailLocale(db(), owner.email)) ?? "en";
  const at = now();
  const files = [readmeFile(locale, owner.isAdmin, at), ...(await accountFiles(db(), owner))];
  const stepsTotal = files.length + (await countConversations(db(), owner));
  const progress = createProgress(run, stepsTotal);
  const archive = createArchive((seq, bytes) => appendExportChunk(run, seq, bytes), at);
  try {
    await progress(0);
    for (const file of files) {
      await archive.add(file);
      await progress(1);
    }
    for await (const pair of conversationFiles(db(), owner, locale)) {
      for (const file of pair) await archive.add(file);
      await progress(1);
    }
    for await (const file of attachmentFiles(db(), owner)) await archive.add(file);
    return await archive.finish();
  } catch (error) {
    archive.abort();
    throw error;
  }
}

async function accountFiles(tx: Tx, owner: ExportOwner): Promise<ExportFile[]> {
  const ofWorkspace = owner.isAdmin
    ? [
        ...(await billingFiles(tx, owner)),
        ledgerFile(tx, owner),
        dailyUsageFile(tx, owner),
        await keyFile(tx, owner),
      ]
    : [];
  return [
    await profileFile(tx, owner),
    ...(await securityFiles(tx, owner)),
    ...auditFiles(tx, owner),
    emailFile(tx, owner),
    requestFile(tx, owner),
    ...ofWorkspace,
    conversationList(tx, owner),
    ratingList(tx, owner),
    shareList(tx, owner),
    attachmentList(tx, owner),
  ];
}

/** Returns a function that counts steps, and stores the count now and then. */
function createProgress(run: ExportRun, stepsTotal: number): (steps: number) => Promise<void> {
  const interval = Math.ceil(stepsTotal / progressUpdates);
  let stepsDone = 0;
  return async (steps) => {
    stepsDone += steps;
    if (stepsDone % interval === 0) await recordExportProgress(run, { stepsDone, stepsTotal });
  };
}

async function readOwner(tx: Tx, { userId, workspaceId }: ExportRun): Promise<ExportOwner> {
  const [owner] = await tx
    .select({ email: users.email, role: members.role })
    .from(users)
    .innerJoin(members, and(eq(members.userId, users.id), eq(members.workspaceId, workspaceId)))
    .where(eq(users.id, userId));
  if (owner === undefined) throw new ExportSuperseded();
  return { userId, workspaceId, email: owner.email, isAdmin: owner.role !== "member" };
}
