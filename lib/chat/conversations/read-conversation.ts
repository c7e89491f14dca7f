import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#db/client.ts";
import type { ListedConversation } from "#lib/chat/conversations/conversation-list.ts";
import { type Rating, ratingSchema } from "#lib/chat/conversations/rating.ts";
import { type AttachmentInfo, attachmentInfoSchema } from "#lib/chat/files/attachment-info.ts";
import type { AnswerParameters } from "#lib/chat/generation/parameters/answer-parameters.ts";
import { receiptSql } from "#lib/chat/generation/receipt-sql.ts";
import {
  type Instruction,
  instructionSchema,
  type Outcome,
  outcomeSchema,
  type Receipt,
  receiptSchema,
  toParameters,
} from "#lib/chat/generation/stream-events.ts";
import { notFound } from "#lib/core/errors.ts";

/** A message of the tree, as the chat page shows it. */
export type ChatMessage = {
  id: string;
  parentId: string | null;
  role: "user" | "assistant";
  text: string;
  /** The model's thinking, and how long it took. */
  reasoning: string;
  thoughtMs: number;
  status: "streaming" | Outcome;
  model: string | null;
  /** Its tokens in later prompts, without thinking; null while it is being written. */
  tokens: number | null;
  createdAt: Date;
  generationId: string | null;
  receipt: Receipt | null;
  errorCode: string | null;
  /** What the regeneration that made it asked for. */
  instruction: Instruction | null;
  rating: Rating | null;
  /** The files of a message of the user. */
  attachments: AttachmentInfo[];
};

export type Conversation = {
  id: string;
  title: string;
  model: string;
  parameters: AnswerParameters;
  activeLeafId: string | null;
  /** The whole tree, oldest first. */
  messages: ChatMessage[];
  /** The generations that run now; their events continue after the texts of their messages. */
  running: { generationId: string; messageId: string }[];
  /** The conversation as lists show it. */
  listed: ListedConversation;
};

const rowSchema = z.object({
  id: z.string(),
  parentId: z.string().nullable(),
  role: z.enum(["user", "assistant"]),
  text: z.string(),
  reasoning: z.string(),
  thoughtMs: z.number(),
  status: z.enum(["streaming", ...outcomeSchema.options]),
  model: z.string().nullable(),
  tokens: z.int().nullable(),
  createdAt: z.coerce.date(),
  generationId: z.string().nullable(),
  errorCode: z.string().nullable(),
  receipt: receiptSchema.nullable(),
  instruction: instructionSchema.nullable(),
  rating: ratingSchema.nullable(),
  attachments: z.array(attachmentInfoSchema),
});

/**
 * Reads a conversation with its message tree, in one query.
 * @throws AppError not_found, also for another user's conversation
 */
export async function readConversation(
  tx: Tx,
  workspaceId: string,
  userId: string,
  id: string,
): Promise<Conversation> {
  const rows = await tx.execute<{
    id: string;
    title: string;
    model: string;
    parameters: unknown;
    activeLeafId: string | null;
    updatedAt: string;
    projectId: string | null;
    isPinned: boolean;
    isArchived: boolean;
    isUnread: boolean;
    messages: unknown;
  }>(sql`
    select c.id, c.title, c.model, c.parameters, c.active_leaf_id as "activeLeafId", c.updated_at as "updatedAt",
      c.project_id as "projectId", c.pinned_at is not null as "isPinned", c.archived_at is not null as "isArchived",
      coalesce(c.answered_at > coalesce(c.read_at, '-infinity'), false) as "isUnread", coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', m.id, 'parentId', m.parent_id, 'role', m.role, 'model', m.model, 'status', m.status,
        'tokens', case when m.status <> 'streaming' then m.tokens end,
        'createdAt', m.created_at, 'instruction', m.instruction,
        'rating', case when r.rating is not null then jsonb_build_object('value', r.rating, 'reason', r.reason) end,
        'generationId', g.id, 'errorCode', g.error_code,
        'text', case when m.status = 'streaming' then coalesce(parts.text, '') else m.content end,
        'reasoning', coalesce(parts.reasoning, ''), 'thoughtMs', coalesce(parts.thought_ms, 0),
        'receipt', ${sql.raw(receiptSql)},
        'attachments', case when m.role = 'user' then jsonb_path_query_array(m.parts, '$[*] ? (@.type == "file")')
          else '[]' end
      ) order by m.created_at, m.id)
      from messages m left join generations g on g.message_id = m.id
      left join message_ratings r on r.message_id = m.id and r.user_id = c.user_id
      -- Most messages are one text, which is their content.
      left join lateral (
        select string_agg(p ->> 'text', '' order by position) filter (where p ->> 'type' = 'text') as text,
          string_agg(p ->> 'text', '' order by position) filter (where p ->> 'type' = 'reasoning') as reasoning,
          sum((p ->> 'durationMs')::integer) as thought_ms
        from jsonb_array_elements(m.parts) with ordinality as part (p, position)
      ) parts on m.status = 'streaming' or jsonb_array_length(m.parts) > 1
        or m.parts -> 0 ->> 'type' = 'reasoning'
      where m.conversation_id = c.id
    ), '[]') as messages
    from conversations c
    where c.id = ${id} and c.workspace_id = ${workspaceId} and c.user_id = ${userId} and c.deleted_at is null`);
  const row = rows[0];
  if (row === undefined) throw notFound("conversation");
  const messages: ChatMessage[] = z.array(rowSchema).parse(row.messages);
  const running = messages.flatMap(({ id: messageId, status, generationId }) =>
    status === "streaming" && generationId !== null ? [{ generationId, messageId }] : [],
  );
  const { title, model, activeLeafId, updatedAt, projectId, isPinned, isArchived, isUnread } = row;
  const place = { projectId, isPinned, isArchived, isUnread };
  return {
    id,
    title,
    model,
    parameters: toParameters(row.parameters),
    activeLeafId,
    messages,
    listed: {
      ...place,
      id,
      title,
      model,
      updatedAt: new Date(updatedAt).toISOString(),
      leafId: activeLeafId,
      running: running.at(-1)?.generationId ?? null,
    },
    running,
  };
}
