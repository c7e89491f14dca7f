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
  const header = ["file", "title", "model", "created_at", "updated_at", "deleted_at"];
  return csvFile("conversations/index.csv", header, conversationPages(tx, owner), (row) => [
    `${conversationFileName(row)}.json`,
    row.title,
    row.model,
    row.createdAt,
    row.updatedAt,
    row.deletedAt,
  ]);
}

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

type HeadRow = Omit<ConversationHead, "createdAt" | "updatedAt" | "deletedAt"> & {
  createdAt: string;
  updatedAt: string;
  deletedAt: string | null;
};

async function* conversationPages(tx: Tx, { userId, workspaceId }: ExportOwner) {
  const pages = readPages<HeadRow>((after) =>
    tx.execute<HeadRow>(sql`
      select id, title, model, active_leaf_id as "activeLeafId", created_at::text as "createdAt",
        updated_at::text as "updatedAt", deleted_at::text as "deletedAt"
      from conversations
      where workspace_id = ${workspaceId}::uuid and user_id = ${userId}::uuid
        ${after ? sql`and id > ${after.id}::uuid` : sql``}
      order by id limit ${pageSize}`),
  );
  for await (const page of pages) yield page.map(toHead);
}

function toHead({ createdAt, updatedAt, deletedAt, ...row }: HeadRow): ConversationHead {
  return {
    ...row,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
    deletedAt: deletedAt === null ? null : new Date(deletedAt),
  };
}
