import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { conversationFileName } from "#lib/chat/portability/conversation-file-name.ts";
import { conversationJson } from "#lib/chat/portability/conversation-json.ts";
import { conversationMarkdown } from "#lib/chat/portability/conversation-markdown.ts";
import type { ConversationHead } from "#lib/chat/portability/read-conversation-pages.ts";
import type { Locale } from "#lib/core/locale.ts";
import type { ExportOwner } from "#lib/jobs/data-export/account-files.ts";
import { csvFile, type ExportFile, pageSize, readPages } from "#lib/jobs/data-export/export-file.ts";

/** How many conversations the archive will contain, deleted ones of the last 30 days included. */
export async function countConversations(tx: Tx, { userId, workspaceId }: ExportOwner): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(sql`
    select count(*)::int as count from conversations
    where workspace_id = ${workspaceId}::uuid and user_id = ${userId}::uuid`);
  return row?.count ?? 0;
}

/** The list of all conversations. */
export function conversationList(tx: Tx, owner: ExportOwner): ExportFile {
  const header = [
    "file",
    "title",
    "project",
    "model",
    "parameters",
    "created_at",
    "updated_at",
    "pinned_at",
    "archived_at",
    "deleted_at",
  ];
  return csvFile("conversations/index.csv", header, conversationPages(tx, owner), (row) => [
    `${conversationFileName(row)}.json`,
    row.title,
    row.project,
    row.model,
    row.parameters,
    row.createdAt,
    row.updatedAt,
    row.pinnedAt,
    row.archivedAt,
    row.deletedAt,
  ]);
}

/** How the user rated answers. */
export function ratingList(tx: Tx, { userId }: ExportOwner): ExportFile {
  const pages = readPages<RatingRow>((after) =>
    tx.execute<RatingRow>(sql`
      select message_id as id, model, rating, reason, rated_at::text as "ratedAt" from message_ratings
      where user_id = ${userId}::uuid ${after ? sql`and message_id > ${after.id}::uuid` : sql``}
      order by message_id limit ${pageSize}`),
  );
  const header = ["message_id", "model", "rating", "reason", "rated_at"];
  return csvFile("conversations/ratings.csv", header, pages, (row) => [
    row.id,
    row.model,
    row.rating,
    row.reason,
    new Date(row.ratedAt),
  ]);
}

type RatingRow = { id: string; model: string; rating: string; reason: string | null; ratedAt: string };

/** The public links that the user made, revoked ones included. */
export function shareList(tx: Tx, { userId }: ExportOwner): ExportFile {
  const pages = readPages<ShareRow>((after) =>
    tx.execute<ShareRow>(sql`
      select id, title, token, created_at::text as "createdAt", expires_at::text as "expiresAt",
        coalesce(revoked_at, taken_down_at)::text as "endedAt"
      from shares where user_id = ${userId}::uuid ${after ? sql`and id > ${after.id}::uuid` : sql``}
      order by id limit ${pageSize}`),
  );
  const header = ["title", "path", "created_at", "expires_at", "ended_at"];
  return csvFile("conversations/shared-links.csv", header, pages, (row) => [
    row.title,
    `/share/${row.token}`,
    new Date(row.createdAt),
    row.expiresAt === null ? null : new Date(row.expiresAt),
    row.endedAt === null ? null : new Date(row.endedAt),
  ]);
}

type ShareRow = {
  id: string;
  title: string;
  token: string;
  createdAt: string;
  expiresAt: string | null;
  endedAt: string | null;
};

/** Two files for each conversation: the complete tree as JSON, and the branch that is shown as Markdown. */
export async function* conversationFiles(
  tx: Tx,
  owner: ExportOwner,
  locale: Locale,
): AsyncGenerator<ExportFile[], void> {
  for await (const page of conversationPages(tx, owner))
    for (const conversation of page) {
      const path = `conversations/${conversationFileName(conversation)}`;
      yield [
        { path: `${path}.json`, content: conversationJson(tx, owner.workspaceId, conversation) },
        { path: `${path}.md`, content: conversationMarkdown(tx, owner.workspaceId, conversation, locale) },
      ];
    }
}

/** A conversation with what its owner made of it in the list. */
type ListedHead = ConversationHead & {
  project: string | null;
  /** As JSON; null for the defaults. */
  parameters: string | null;
  pinnedAt: Date | null;
  archivedAt: Date | null;
};

type HeadRow = Pick<ListedHead, "id" | "title" | "model" | "activeLeafId" | "project" | "parameters"> & {
  createdAt: string;
  updatedAt: string;
  deletedAt: string | null;
  pinnedAt: string | null;
  archivedAt: string | null;
};

async function* conversationPages(tx: Tx, { userId, workspaceId }: ExportOwner) {
  const pages = readPages<HeadRow>((after) =>
    tx.execute<HeadRow>(sql`
      select c.id, c.title, c.model, c.active_leaf_id as "activeLeafId", p.name as project, c.parameters::text as parameters,
        c.created_at::text as "createdAt", c.updated_at::text as "updatedAt", c.deleted_at::text as "deletedAt",
        c.pinned_at::text as "pinnedAt", c.archived_at::text as "archivedAt"
      from conversations c left join projects p on p.id = c.project_id
      where c.workspace_id = ${workspaceId}::uuid and c.user_id = ${userId}::uuid
        ${after ? sql`and c.id > ${after.id}::uuid` : sql``}
      order by c.id limit ${pageSize}`),
  );
  for await (const page of pages) yield page.map(toHead);
}

function toHead({ createdAt, updatedAt, deletedAt, pinnedAt, archivedAt, ...row }: HeadRow): ListedHead {
  const toDate = (text: string | null) => (text === null ? null : new Date(text));
  return {
    ...row,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
    deletedAt: toDate(deletedAt),
    pinnedAt: toDate(pinnedAt),
    archivedAt: toDate(archivedAt),
  };
}
