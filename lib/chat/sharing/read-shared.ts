import { and, eq, gt, isNull, or } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { workspaces } from "#db/schema/accounts.ts";
import { conversations } from "#db/schema/chat.ts";
import { shares } from "#db/schema/sharing.ts";
import type { DocumentMessage } from "#lib/chat/portability/conversation-format.ts";
import { joinAnswers } from "#lib/chat/portability/join-answers.ts";
import { readBranchIds, readMessages } from "#lib/chat/portability/read-conversation-pages.ts";

/** What a public link shows: a title and messages, nothing about its owner. */
export type SharedConversation = {
  title: string;
  sharedAt: Date;
  messages: DocumentMessage[];
  /** From 1. */
  page: number;
  pageCount: number;
};

/** Messages on one page, so that a link opens fast however long its conversation is. */
const messagesPerPage = 50;

/**
 * Reads a page of what a link shows.
 * @returns null if there is no such link, it has expired, was revoked or taken down, or its conversation or
 *   account was deleted
 */
export async function readSharedConversation(
  tx: Tx,
  token: string,
  page: number,
  at: Date,
): Promise<SharedConversation | null> {
  const share = await findOpenShare(tx, token, at);
  if (share === null) return null;
  const { workspaceId, conversationId, leafId, title, createdAt: sharedAt } = share;
  const ids = await readBranchIds(tx, workspaceId, conversationId, leafId);
  const pageCount = Math.max(1, Math.ceil(ids.length / messagesPerPage));
  if (page > pageCount) return null;
  const shown = ids.slice((page - 1) * messagesPerPage, page * messagesPerPage);
  return { title, sharedAt, page, pageCount, messages: joinAnswers(await readMessages(tx, shown)) };
}

/** Reads only the title, for a page's metadata. */
export async function readSharedTitle(tx: Tx, token: string, at: Date): Promise<string | null> {
  return (await findOpenShare(tx, token, at))?.title ?? null;
}

async function findOpenShare(tx: Tx, token: string, at: Date) {
  const [share] = await tx
    .select({
      workspaceId: shares.workspaceId,
      conversationId: shares.conversationId,
      leafId: shares.leafId,
      title: shares.title,
      createdAt: shares.createdAt,
    })
    .from(shares)
    .innerJoin(conversations, eq(conversations.id, shares.conversationId))
    .innerJoin(workspaces, eq(workspaces.id, shares.workspaceId))
    .where(
      and(
        eq(shares.token, token),
        isNull(shares.revokedAt),
        isNull(shares.takenDownAt),
        or(isNull(shares.expiresAt), gt(shares.expiresAt, at)),
        isNull(conversations.deletedAt),
        isNull(workspaces.deletionStartedAt),
      ),
    );
  return share ?? null;
}
