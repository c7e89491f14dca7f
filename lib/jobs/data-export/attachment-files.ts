import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { blobStore } from "#lib/chat/files/blob-store.ts";
import type { ExportOwner } from "#lib/jobs/data-export/account-files.ts";
import { csvFile, type ExportFile, pageSize, readPages } from "#lib/jobs/data-export/export-file.ts";

/** The list of the files that the user has added to chats. */
export function attachmentList(tx: Tx, owner: ExportOwner): ExportFile {
  const header = ["file", "name", "content_type", "bytes", "sha256", "message_ids", "created_at"];
  return csvFile("files/index.csv", header, attachmentPages(tx, owner), (row) => [
    pathOf(row),
    row.name,
    row.contentType,
    Number(row.bytes),
    row.sha256,
    row.messageIds,
    new Date(row.createdAt),
  ]);
}

/** The files themselves. */
export async function* attachmentFiles(tx: Tx, owner: ExportOwner): AsyncGenerator<ExportFile, void> {
  for await (const page of attachmentPages(tx, owner))
    for (const row of page) yield { path: `files/${pathOf(row)}`, content: blobStore().read(row.id) };
}

/** Names differ in their ids; what a file system might not take becomes a hyphen. */
function pathOf({ id, name }: Pick<Row, "id" | "name">): string {
  return `${id}-${name.replace(/[^\p{L}\p{N}._ -]+/gu, "-")}`;
}

type Row = {
  id: string;
  name: string;
  contentType: string;
  bytes: string;
  sha256: string;
  messageIds: string;
  createdAt: string;
};

function attachmentPages(tx: Tx, { userId, workspaceId }: ExportOwner) {
  return readPages<Row>((after) =>
    tx.execute<Row>(sql`
      select a.id, a.name, a.content_type as "contentType", a.bytes::text as bytes, a.sha256,
        coalesce((select string_agg(m.message_id::text, ' ') from message_attachments m
          where m.attachment_id = a.id), '') as "messageIds", a.created_at::text as "createdAt"
      from attachments a
      where a.workspace_id = ${workspaceId}::uuid and a.user_id = ${userId}::uuid and a.status = 'ready'
        ${after ? sql`and a.id > ${after.id}::uuid` : sql``}
      order by a.id limit ${pageSize}`),
  );
}
