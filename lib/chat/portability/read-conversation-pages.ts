import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { conversations, type MessagePart } from "#db/schema/chat.ts";
import type { DocumentMessage } from "#lib/chat/portability/conversation-format.ts";
import { joinAnswers } from "#lib/chat/portability/join-answers.ts";

/** A conversation without its messages. */
export type ConversationHead = {
  id: string;
  title: string;
  model: string;
  activeLeafId: string | null;
  createdAt: Date;
  updatedAt: Date;
  deletedAt: Date | null;
};

/** Finds a user's own conversation that is not deleted; null without it. */
export async function findConversationHead(
  tx: Tx,
  workspaceId: string,
  userId: string,
  id: string,
): Promise<ConversationHead | null> {
  const [head] = await tx
    .select({
      id: conversations.id,
      title: conversations.title,
      model: conversations.model,
      activeLeafId: conversations.activeLeafId,
      createdAt: conversations.createdAt,
      updatedAt: conversations.updatedAt,
      deletedAt: conversations.deletedAt,
    })
    .from(conversations)
    .where(
      and(
        eq(conversations.id, id),
        eq(conversations.workspaceId, workspaceId),
        eq(conversations.userId, userId),
        isNull(conversations.deletedAt),
      ),
    );
  return head ?? null;
}

/** The most messages in memory at a time. */
const pageSize = 100;

type MessageRow = {
  id: string;
  parentId: string | null;
  role: "user" | "assistant";
  createdAt: string;
  model: string | null;
  status: string;
  parts: MessagePart[];
  content: string;
  instruction: DocumentMessage["instruction"];
  rating: DocumentMessage["rating"];
  receipt: { promptTokens: number | null; completionTokens: number | null; chargedMicros: number } | null;
};

const messageColumns =
  sql.raw(`m.id, m.parent_id as "parentId", m.role, m.model, m.status, m.parts, m.content, m.instruction,
  (select jsonb_build_object('value', r.rating, 'reason', r.reason) from message_ratings r
    join conversations c on c.id = m.conversation_id and c.user_id = r.user_id where r.message_id = m.id) as rating,
  m.created_at::text as "createdAt", case when g.charged_micros is null then null else jsonb_build_object(
    'promptTokens', g.prompt_tokens, 'completionTokens', g.completion_tokens, 'chargedMicros', g.charged_micros) end
  as receipt`);

/** Reads all messages of a conversation in pages, oldest first. */
export async function* readMessagePages(
  tx: Tx,
  workspaceId: string,
  conversationId: string,
): AsyncGenerator<DocumentMessage[], void> {
  let after: { createdAt: string; id: string } | null = null;
  do {
    const later: ReturnType<typeof sql> =
      after === null
        ? sql``
        : sql`and (m.created_at, m.id) > (${after.createdAt}::timestamptz, ${after.id}::uuid)`;
    const rows: MessageRow[] = await tx.execute<MessageRow>(sql`
      select ${messageColumns}
      from messages m left join generations g on g.message_id = m.id
      where m.conversation_id = ${conversationId}::uuid and m.workspace_id = ${workspaceId}::uuid ${later}
      order by m.created_at, m.id limit ${pageSize}`);
    const last = rows.at(-1);
    after = rows.length < pageSize || last === undefined ? null : { createdAt: last.createdAt, id: last.id };
    if (rows.length > 0) yield rows.map(toDocumentMessage);
  } while (after !== null);
}

/**
 * Reads the messages of one branch in pages, from the root to its leaf, with the parts of each continued
 * answer joined. A branch that ends with a comparison goes on to its first answer.
 * @param leafId null for an empty branch
 */
export async function* readBranchPages(
  tx: Tx,
  workspaceId: string,
  conversationId: string,
  leafId: string | null,
): AsyncGenerator<DocumentMessage[], void> {
  if (leafId === null) return;
  const end = await findBranchEnd(tx, leafId);
  const ids = await readBranchIds(tx, workspaceId, conversationId, end);
  let pending: DocumentMessage[] = [];
  for (let start = 0; start < ids.length; start += pageSize) {
    const page = joinAnswers([...pending, ...(await readMessages(tx, ids.slice(start, start + pageSize)))]);
    // The next page may continue the last answer.
    pending = page.slice(-1);
    if (page.length > 1) yield page.slice(0, -1);
  }
  if (pending.length > 0) yield pending;
}

/**
 * Returns the message that a branch ends with outside the chat: the first answer to a message whose answers
 * are compared, else the leaf itself.
 */
export async function findBranchEnd(tx: Tx, leafId: string): Promise<string> {
  const [answer] = await tx.execute<{ id: string }>(sql`
    select answer.id from messages leaf join messages answer on answer.parent_id = leaf.id
    where leaf.id = ${leafId}::uuid and leaf.role = 'user' and answer.role = 'assistant'
    order by answer.created_at, answer.id limit 1`);
  return answer?.id ?? leafId;
}

/** Reads the ids of a branch's messages, from the root to its leaf. */
export async function readBranchIds(
  tx: Tx,
  workspaceId: string,
  conversationId: string,
  leafId: string,
): Promise<string[]> {
  const branch = await tx.execute<{ id: string }>(sql`
    with recursive branch (id, parent_id, depth) as (
      select id, parent_id, 0 from messages
      where id = ${leafId}::uuid and conversation_id = ${conversationId}::uuid and workspace_id = ${workspaceId}::uuid
      union all
      select m.id, m.parent_id, b.depth + 1 from messages m join branch b on m.id = b.parent_id
      where m.conversation_id = ${conversationId}::uuid
    )
    select id from branch order by depth desc`);
  return branch.map(({ id }) => id);
}

/** Reads messages in the order of their ids, which the caller has checked. */
export async function readMessages(tx: Tx, ids: readonly string[]): Promise<DocumentMessage[]> {
  const rows = await tx.execute<MessageRow>(sql`
    select ${messageColumns}
    from unnest(${`{${ids.join(",")}}`}::uuid[]) with ordinality as wanted (id, position)
      join messages m on m.id = wanted.id
      left join generations g on g.message_id = m.id
    order by wanted.position`);
  return rows.map(toDocumentMessage);
}

/** An answer that is still being written is exported as far as it is saved, as if it had been interrupted. */
function toDocumentMessage({ parts, content, createdAt, status, ...row }: MessageRow): DocumentMessage {
  const known = parts.flatMap((part): DocumentMessage["parts"] => {
    if (part.type === "file") return [];
    if (part.type === "text") return [{ type: "text", text: part.text }];
    return [{ type: "reasoning", text: part.text, durationMs: part.durationMs }];
  });
  const attachments = parts.flatMap((part) => {
    if (part.type !== "file") return [];
    const { name, contentType, bytes } = part;
    return [{ name, contentType, bytes }];
  });
  return {
    ...row,
    ...(attachments.length > 0 && { attachments }),
    // The column's CHECK allows "streaming" and the outcomes.
    status: (status === "streaming" ? "interrupted" : status) as DocumentMessage["status"],
    createdAt: new Date(createdAt).toISOString(),
    parts: known.length === 0 && content !== "" ? [{ type: "text", text: content }] : known,
  };
}
