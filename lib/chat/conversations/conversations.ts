import { and, desc, eq, isNotNull, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { conversations, messages } from "#db/schema/chat.ts";
import { projectOf, type Section } from "#lib/chat/conversations/sections.ts";
import { type AnswerParameters, areDefault } from "#lib/chat/generation/parameters/answer-parameters.ts";
import { AppError, fieldProblem, notFound } from "#lib/core/errors.ts";

/** A conversation as lists show it. */
export type ConversationLine = {
  id: string;
  title: string;
  model: string;
  updatedAt: Date;
  /** The leaf of the branch that is shown. */
  leafId: string | null;
  projectId: string | null;
  isPinned: boolean;
  isArchived: boolean;
  /** Whether an answer has ended that nobody has seen. */
  isUnread: boolean;
};

/** The position of the last conversation of a page, from which the next page starts. */
export type PageMark = { updatedAt: Date; id: string };

/** How many conversations a page has. */
export const pageSize = 50;

export const lineColumns = {
  id: conversations.id,
  title: conversations.title,
  model: conversations.model,
  updatedAt: conversations.updatedAt,
  leafId: conversations.activeLeafId,
  projectId: conversations.projectId,
  isPinned: sql<boolean>`${conversations.pinnedAt} is not null`,
  isArchived: sql<boolean>`${conversations.archivedAt} is not null`,
  isUnread: sql<boolean>`coalesce(${conversations.answeredAt} > coalesce(${conversations.readAt}, '-infinity'), false)`,
};

/**
 * Lists a page of a user's conversations, newest first.
 * @param options.section the part of the list; all parts without it
 * @param options.before the last conversation of the page before
 */
export async function listConversations(
  tx: Tx,
  workspaceId: string,
  userId: string,
  options: {
    section?: Section | undefined;
    before?: PageMark | undefined;
    limit?: number;
  } = {},
): Promise<ConversationLine[]> {
  const { section, before } = options;
  return tx
    .select(lineColumns)
    .from(conversations)
    .where(
      and(
        ownedBy(workspaceId, userId),
        isNull(conversations.deletedAt),
        section === undefined ? undefined : inSection(section),
        before === undefined
          ? undefined
          : or(
              lt(conversations.updatedAt, before.updatedAt),
              and(eq(conversations.updatedAt, before.updatedAt), lt(conversations.id, before.id)),
            ),
      ),
    )
    .orderBy(desc(conversations.updatedAt), desc(conversations.id))
    .limit(Math.min(options.limit ?? pageSize, 200));
}

export function ownedBy(workspaceId: string, userId: string): SQL | undefined {
  return and(eq(conversations.workspaceId, workspaceId), eq(conversations.userId, userId));
}

/** The same rule as `sectionsOf` in sections.ts; a test compares them. */
function inSection(section: Section): SQL | undefined {
  if (section === "archived") return isNotNull(conversations.archivedAt);
  const project = projectOf(section);
  const place =
    project !== null
      ? eq(conversations.projectId, project)
      : section === "pinned"
        ? isNotNull(conversations.pinnedAt)
        : and(isNull(conversations.pinnedAt), isNull(conversations.projectId));
  return and(isNull(conversations.archivedAt), place);
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

/**
 * Stores how the answers of a conversation are made, for every device. Safe to repeat.
 * @throws AppError not_found
 */
export async function setParameters(
  tx: Tx,
  workspaceId: string,
  userId: string,
  conversationId: string,
  parameters: AnswerParameters,
): Promise<void> {
  const own = and(ownedBy(workspaceId, userId), eq(conversations.id, conversationId));
  await updateOne(tx, and(own, isNull(conversations.deletedAt)), {
    parameters: areDefault(parameters) ? null : parameters,
  });
}

async function updateOne(
  tx: Tx,
  where: SQL | undefined,
  change: Partial<typeof conversations.$inferInsert>,
): Promise<void> {
  const changed = await tx.update(conversations).set(change).where(where).returning({ id: conversations.id });
  if (changed.length === 0) throw notFound("conversation");
}
