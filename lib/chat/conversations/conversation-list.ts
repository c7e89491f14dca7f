import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  type ConversationLine,
  listConversations,
  type PageMark,
  pageSize,
} from "#lib/chat/conversations/conversations.ts";
import { listProjects, type ProjectLine } from "#lib/chat/conversations/projects.ts";
import type { Section } from "#lib/chat/conversations/sections.ts";
import { listRunningGenerations } from "#lib/chat/generation/list-running-generations.ts";

/** A conversation as a browser gets it. */
export type ListedConversation = Omit<ConversationLine, "updatedAt"> & {
  /** ISO 8601. */
  updatedAt: string;
  /** The id of the generation that runs now. */
  running: string | null;
};

/** A page of a section. */
export type SectionPage = { section: Section; conversations: ListedConversation[]; hasMore: boolean };

/** What the sidebar shows at first. */
export type ConversationList = {
  pages: SectionPage[];
  projects: ProjectLine[];
  /** Where the feed of changes continues. */
  cursor: number;
};

/** Reads the first pages of a user's list: pinned and recent conversations and those of some projects. */
export async function readConversationList(
  tx: Tx,
  workspaceId: string,
  userId: string,
  openProjects: string[],
): Promise<ConversationList> {
  // Read first: every later change is a change after it.
  const cursor = await readCursor(tx);
  const sections: Section[] = ["pinned", "recent", ...openProjects.map((id) => `project:${id}` as const)];
  const [projects, ...pages] = await Promise.all([
    listProjects(tx, workspaceId, userId),
    ...sections.map((section) => readSectionPage(tx, workspaceId, userId, section)),
  ]);
  return { pages, projects, cursor };
}

/** Reads a page of a section of a user's list. */
export async function readSectionPage(
  tx: Tx,
  workspaceId: string,
  userId: string,
  section: Section,
  before?: PageMark,
): Promise<SectionPage> {
  const lines = await listConversations(tx, workspaceId, userId, { section, before, limit: pageSize + 1 });
  const conversations = await toListed(tx, workspaceId, userId, lines.slice(0, pageSize));
  return { section, conversations, hasMore: lines.length > pageSize };
}

/** Adds what runs now; read after the lines, so that an answer that ends in between does not run for ever. */
export async function toListed(
  tx: Tx,
  workspaceId: string,
  userId: string,
  lines: ConversationLine[],
): Promise<ListedConversation[]> {
  if (lines.length === 0) return [];
  const running = await listRunningGenerations(tx, workspaceId, userId);
  const generationOf = new Map(running.map((one) => [one.conversationId, one.generationId]));
  return lines.map(({ updatedAt, ...line }) => ({
    ...line,
    updatedAt: updatedAt.toISOString(),
    running: generationOf.get(line.id) ?? null,
  }));
}

/**
 * The position in the order of changes: the oldest transaction that may still be running. Every transaction
 * before it is visible now, and every change that is not visible yet has this number or a higher one
 * (docs/decisions/0097-the-lists-feed-continues-at-a-transaction.md).
 */
export async function readCursor(tx: Tx): Promise<number> {
  const [row] = await tx.execute<{ cursor: number }>(
    sql`select pg_snapshot_xmin(pg_current_snapshot())::text::float8 as cursor`,
  );
  return row?.cursor ?? 0;
}
