import { and, desc, eq, isNotNull, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { conversations, messages } from "#db/schema/chat.ts";
import { toPattern, toTsquery } from "#lib/chat/conversations/search-terms.ts";
import { AppError, fieldProblem, notFound } from "#lib/core/errors.ts";

export type ConversationLine = { id: string; title: string; updatedAt: Date };

/** The position of the last conversation of a page, from which the next page starts. */
export type PageMark = { updatedAt: Date; id: string };

const pageSize = 50;

/**
 * Lists a page of a user's conversations, newest first.
 * @param options.before the last conversation of the page before
 * @param options.query words to find in titles and messages
 */
export async function listConversations(
  tx: Tx,
  workspaceId: string,
  userId: string,
  options: { before?: PageMark | undefined; query?: string | undefined; limit?: number } = {},
): Promise<ConversationLine[]> {
  const { before, query } = options;
  const words = query?.trim() ?? "";
  return tx
    .select({ id: conversations.id, title: conversations.title, updatedAt: conversations.updatedAt })
    .from(conversations)
    .where(
      and(
        ownedBy(workspaceId, userId),
        isNull(conversations.deletedAt),
        before === undefined
          ? undefined
          : or(
              lt(conversations.updatedAt, before.updatedAt),
              and(eq(conversations.updatedAt, before.updatedAt), lt(conversations.id, before.id)),
            ),
        words === "" ? undefined : matches(workspaceId, words),
      ),
    )
    .orderBy(desc(conversations.updatedAt), desc(conversations.id))
    .limit(Math.min(options.limit ?? pageSize, 200));
}

function ownedBy(workspaceId: string, userId: string): SQL | undefined {
  return and(eq(conversations.workspaceId, workspaceId), eq(conversations.userId, userId));
}

/**
 * Matches any part of a title, and in messages all terms as they are written: words or their beginnings, or
 * any part of a text in a script without spaces. An index finds the messages, which are compared literally.
 */
function matches(workspaceId: string, words: string): SQL {
  const pattern = toPattern(words);
  const inTitle = sql`${conversations.title} ilike ${pattern}`;
  const tsquery = toTsquery(words);
  if (tsquery === null) return inTitle;
  const terms = words.split(/\s+/).map((term) => sql`${messages.content} ilike ${toPattern(term)}`);
  return sql`(${inTitle} or ${conversations.id} in (
    select ${messages.conversationId} from ${messages}
    where ${messages.search} @@ to_tsquery('simple', ${tsquery}) and ${messages.workspaceId} = ${workspaceId}
      and ${and(...terms)}))`;
}

/** @throws AppError not_found, invalid_input (an empty title) */
export async function renameConversation(
  tx: Tx,
  workspaceId: string,
  userId: string,
  id: string,
  title: string,
): Promise<void> {
  const clean = title.replaceAll("\0", "").replace(/\s+/g, " ").trim().slice(0, 200).toWellFormed();
  if (clean === "") {
    throw new AppError("invalid_input", {
      fields: [fieldProblem("title", "titleMissing")],
    });
  }
  await updateOne(
    tx,
    and(ownedBy(workspaceId, userId), eq(conversations.id, id), isNull(conversations.deletedAt)),
    {
      title: clean,
      titleSource: "named",
    },
  );
}

/** Marks a conversation as deleted; it can be restored. @throws AppError not_found */
export async function deleteConversation(
  tx: Tx,
  workspaceId: string,
  userId: string,
  id: string,
  at: Date,
): Promise<void> {
  await updateOne(
    tx,
    and(ownedBy(workspaceId, userId), eq(conversations.id, id), isNull(conversations.deletedAt)),
    {
      deletedAt: at,
    },
  );
}

/** Restores a deleted conversation. @throws AppError not_found */
export async function restoreConversation(
  tx: Tx,
  workspaceId: string,
  userId: string,
  id: string,
): Promise<void> {
  const own = and(ownedBy(workspaceId, userId), eq(conversations.id, id), isNotNull(conversations.deletedAt));
  await updateOne(tx, own, { deletedAt: null });
}

/**
 * Selects the branch that a conversation shows, on every device.
 * @throws AppError not_found, also when the message belongs to another conversation
 */
export async function chooseLeaf(
  tx: Tx,
  workspaceId: string,
  userId: string,
  conversationId: string,
  leafId: string,
): Promise<void> {
  const inConversation = sql`exists (select 1 from ${messages}
    where ${messages.id} = ${leafId} and ${messages.conversationId} = ${conversationId})`;
  const where = and(ownedBy(workspaceId, userId), eq(conversations.id, conversationId), inConversation);
  await updateOne(tx, where, { activeLeafId: leafId });
}

async function updateOne(
  tx: Tx,
  where: SQL | undefined,
  change: Partial<typeof conversations.$inferInsert>,
): Promise<void> {
  const changed = await tx.update(conversations).set(change).where(where).returning({ id: conversations.id });
  if (changed.length === 0) throw notFound("conversation");
}
