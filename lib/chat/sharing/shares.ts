import { and, desc, eq, gt, isNull, or } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { conversations, messages } from "#db/schema/chat.ts";
import { shares } from "#db/schema/sharing.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { findBranchEnd } from "#lib/chat/portability/read-conversation-pages.ts";
import { AppError, errorReason, notFound } from "#lib/core/errors.ts";
import { newSecret } from "#lib/core/ids.ts";

/** A link that its owner made. */
export type Share = {
  id: string;
  token: string;
  conversationId: string;
  title: string;
  createdAt: Date;
  expiresAt: Date | null;
  /** An operator took it down. */
  isTakenDown: boolean;
};

export type NewShare = {
  /** Chosen by the client, so that a repeated request makes one link. */
  id: string;
  conversationId: string;
  /** Null: until it is revoked. */
  expiresInDays: number | null;
};

const dayMs = 86_400_000;
/** Valid links per user. */
const maxShares = 500;

type Sharer = Pick<Identity, "userId" | "workspaceId">;

const columns = {
  id: shares.id,
  token: shares.token,
  conversationId: shares.conversationId,
  title: shares.title,
  createdAt: shares.createdAt,
  expiresAt: shares.expiresAt,
  takenDownAt: shares.takenDownAt,
};

/**
 * Makes a public link to the shown branch of a conversation, up to its last message now.
 * @throws AppError `not_found` (also for another user's or an empty conversation), `conflict` if an answer is
 *   still being written, or if the user has too many links
 */
export async function createShare(
  { userId, workspaceId }: Sharer,
  { id, conversationId, expiresInDays }: NewShare,
  at: Date,
): Promise<Share> {
  return db().transaction(async (tx) => {
    const { title, leafId } = await lockConversation(tx, { userId, workspaceId }, conversationId);
    const active = await listShares(tx, { userId, workspaceId }, at);
    if (active.length >= maxShares)
      throw new AppError("conflict", { reason: errorReason("tooManyShares", { max: maxShares }) });
    const expiresAt = expiresInDays === null ? null : new Date(at.getTime() + expiresInDays * dayMs);
    const token = newSecret(18);
    const added = await tx
      .insert(shares)
      .values({ id, token, workspaceId, userId, conversationId, leafId, title, createdAt: at, expiresAt })
      .onConflictDoNothing({ target: shares.id })
      .returning({ id: shares.id });
    const isOwn = and(eq(shares.id, id), eq(shares.userId, userId), eq(shares.workspaceId, workspaceId));
    const [share] = await tx.select(columns).from(shares).where(isOwn);
    if (share === undefined) throw new AppError("conflict");
    if (added.length > 0) {
      const data = { conversationId, expiresAt: expiresAt?.toISOString() ?? null };
      const entry = { action: "share.created", actorUserId: userId, workspaceId, target: id, data };
      await recordAudit(tx, entry, at);
    }
    return toShare(share);
  });
}

async function lockConversation(
  tx: Tx,
  { userId, workspaceId }: Sharer,
  conversationId: string,
): Promise<{ title: string; leafId: string }> {
  const [conversation] = await tx
    .select({ title: conversations.title, activeLeafId: conversations.activeLeafId })
    .from(conversations)
    .where(
      and(
        eq(conversations.id, conversationId),
        eq(conversations.workspaceId, workspaceId),
        eq(conversations.userId, userId),
        isNull(conversations.deletedAt),
      ),
    );
  if (conversation === undefined || conversation.activeLeafId === null) throw notFound("conversation");
  const leafId = await findBranchEnd(tx, conversation.activeLeafId);
  const [leaf] = await tx
    .select({ status: messages.status })
    .from(messages)
    .where(and(eq(messages.id, leafId), eq(messages.conversationId, conversationId)));
  if (leaf === undefined) throw notFound("conversation");
  if (leaf.status === "streaming") throw new AppError("conflict", { reason: errorReason("answerRunning") });
  return { title: conversation.title, leafId };
}

/**
 * Lists a user's valid links, newest first, with those that an operator took down.
 * @param conversationId only the links to this conversation
 */
export async function listShares(
  tx: Tx,
  { userId, workspaceId }: Sharer,
  at: Date,
  conversationId?: string,
): Promise<Share[]> {
  const rows = await tx
    .select(columns)
    .from(shares)
    .innerJoin(conversations, eq(conversations.id, shares.conversationId))
    .where(
      and(
        eq(shares.userId, userId),
        eq(shares.workspaceId, workspaceId),
        conversationId === undefined ? undefined : eq(shares.conversationId, conversationId),
        isNull(shares.revokedAt),
        isNull(conversations.deletedAt),
        or(isNull(shares.expiresAt), gt(shares.expiresAt, at)),
      ),
    )
    .orderBy(desc(shares.createdAt), desc(shares.id))
    .limit(maxShares);
  return rows.map(toShare);
}

/** Ends a link at once and for good. Repeating it changes nothing. @throws AppError `not_found` */
export async function revokeShare({ userId, workspaceId }: Sharer, id: string, at: Date): Promise<void> {
  await db().transaction(async (tx) => {
    const isOwn = and(eq(shares.id, id), eq(shares.userId, userId), eq(shares.workspaceId, workspaceId));
    const [share] = await tx.select({ revokedAt: shares.revokedAt }).from(shares).where(isOwn).for("update");
    if (share === undefined) throw notFound("share");
    if (share.revokedAt !== null) return;
    await tx.update(shares).set({ revokedAt: at }).where(isOwn);
    await recordAudit(tx, { action: "share.revoked", actorUserId: userId, workspaceId, target: id }, at);
  });
}

function toShare({
  takenDownAt,
  ...share
}: Omit<Share, "isTakenDown"> & { takenDownAt: Date | null }): Share {
  return { ...share, isTakenDown: takenDownAt !== null };
}
