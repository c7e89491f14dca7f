import { and, desc, eq, isNotNull, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { conversations, messages } from "#db/schema/chat.ts";
import { AppError, notFound } from "#lib/core/errors.ts";

export type ConversationLine = { id: string; title: string; updatedAt: Date };

/** The last line of a page, to ask for the next one with. */
export type PageMark = { updatedAt: Date; id: string };

const pageSize = 50;

/**
 * A person's conversations, the newest first, a page at a time.
 * @param options.before the last line of the page before
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

/** In titles any part of a word is found, in messages whole words and beginnings, by the index. */
function matches(workspaceId: string, words: string): SQL {
  const pattern = `%${words.replace(/[\\%_]/g, "\\$&")}%`;
  const lexemes = words.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const inTitle = sql`${conversations.title} ilike ${pattern}`;
  if (lexemes.length === 0) return inTitle;
  const tsquery = lexemes.map((word) => `${word}:*`).join(" & ");
  return sql`(${inTitle} or ${conversations.id} in (
    select ${messages.conversationId} from ${messages}
    where ${messages.search} @@ to_tsquery('simple', ${tsquery}) and ${messages.workspaceId} = ${workspaceId}))`;
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
      fields: [{ path: "title", message: "A title needs at least one letter." }],
    });
  }
  await changeOne(
    tx,
    and(ownedBy(workspaceId, userId), eq(conversations.id, id), isNull(conversations.deletedAt)),
    {
      title: clean,
      titleSource: "named",
    },
  );
}

/** Hides a conversation; it can be brought back. @throws AppError not_found */
export async function deleteConversation(
  tx: Tx,
  workspaceId: string,
  userId: string,
  id: string,
  at: Date,
): Promise<void> {
  await changeOne(
    tx,
    and(ownedBy(workspaceId, userId), eq(conversations.id, id), isNull(conversations.deletedAt)),
    {
      deletedAt: at,
    },
  );
}

/** Brings a hidden conversation back. @throws AppError not_found */
export async function restoreConversation(
  tx: Tx,
  workspaceId: string,
  userId: string,
  id: string,
): Promise<void> {
  const theirs = and(
    ownedBy(workspaceId, userId),
    eq(conversations.id, id),
    isNotNull(conversations.deletedAt),
  );
  await changeOne(tx, theirs, { deletedAt: null });
}

/**
 * Shows another branch, from now on and on every device.
 * @throws AppError not_found, also when the message belongs to another conversation
 */
export async function chooseLeaf(
  tx: Tx,
  workspaceId: string,
  userId: string,
  conversationId: string,
  leafId: string,
): Promise<void> {
  const inside = sql`exists (select 1 from ${messages}
    where ${messages.id} = ${leafId} and ${messages.conversationId} = ${conversationId})`;
  const where = and(ownedBy(workspaceId, userId), eq(conversations.id, conversationId), inside);
  await changeOne(tx, where, { activeLeafId: leafId });
}

async function changeOne(
  tx: Tx,
  where: SQL | undefined,
  change: Partial<typeof conversations.$inferInsert>,
): Promise<void> {
  const changed = await tx.update(conversations).set(change).where(where).returning({ id: conversations.id });
  if (changed.length === 0) throw notFound("conversation");
}
