import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#db/client.ts";
import type { ReceiptSums } from "#lib/chat/conversations/receipt-sums.ts";
import { notFound } from "#lib/core/errors.ts";

const modelSumsSchema = z.object({
  model: z.string(),
  count: z.int(),
  promptTokens: z.int(),
  cachedTokens: z.int(),
  completionTokens: z.int(),
  reasoningTokens: z.int(),
  chargedMicros: z.int(),
  estimated: z.int(),
} satisfies Record<keyof ReceiptSums | "model", z.ZodType>);
/** The sums of one model's answers. */
export type ModelSums = z.infer<typeof modelSumsSchema>;

const scopeSchema = z.object({
  /** The charged answers by model, the most expensive first. */
  models: z.array(modelSumsSchema),
  /** Answers that ended without a charge. */
  free: z.int(),
  /** Answers without a generation: they were copied from another chat or imported. */
  copied: z.int(),
  /** Answers that are being written and are not charged yet. */
  running: z.int(),
});
/** What a set of answers cost. */
export type ReceiptScope = z.infer<typeof scopeSchema>;

const receiptSchema = z.object({
  title: z.string(),
  /** Every answer of the tree: each version and each branch. */
  whole: scopeSchema,
  /** The answers of the branch that is shown. */
  branch: scopeSchema,
  /** Calls besides the answers, by purpose and model. We pay for titles, so their charge is 0. */
  sideCalls: z.array(modelSumsSchema.extend({ purpose: z.enum(["chat", "api", "title", "embedding"]) })),
});
/** What a conversation cost so far. */
export type ConversationReceipt = z.infer<typeof receiptSchema>;

/**
 * Reads what a conversation cost, in one query. The charges of the answers are those of the ledger: a
 * generation stores what the settlement of its hold charged. Forks and imports have no generations and
 * therefore no charge.
 * @throws AppError not_found, also for another user's conversation
 */
export async function readConversationReceipt(
  tx: Tx,
  workspaceId: string,
  userId: string,
  id: string,
): Promise<ConversationReceipt> {
  const [row] = await tx.execute<{ receipt: unknown }>(sql`
    with recursive conversation as (
      select id, workspace_id, title, active_leaf_id from conversations
      where id = ${id}::uuid and workspace_id = ${workspaceId}::uuid and user_id = ${userId}::uuid
        and deleted_at is null
    ), branch as (
      select m.id, m.parent_id from messages m join conversation c on m.id = c.active_leaf_id and m.conversation_id = c.id
      union all
      select m.id, m.parent_id from branch b join messages m on m.id = b.parent_id
    ), answers as materialized (
      select g.*, b.id is not null as in_branch
      from conversation c join messages m on m.conversation_id = c.id and m.role = 'assistant'
      left join generations g on g.message_id = m.id and g.workspace_id = c.workspace_id
      left join branch b on b.id = m.id
    ), scopes as (
      select name, name = 'whole' as is_whole from (values ('whole'), ('branch')) as scope (name)
    )
    select jsonb_build_object(
      'title', (select title from conversation),
      'sideCalls', coalesce((select jsonb_agg(to_jsonb(s)) from (
        select i.purpose, i.model, count(*) as count, sum(i.prompt_tokens) as "promptTokens",
          sum(i.cached_tokens) as "cachedTokens", sum(i.completion_tokens) as "completionTokens",
          0 as "reasoningTokens", sum(i.charged_micros) as "chargedMicros",
          count(*) filter (where i.estimated) as estimated
        from conversation c
        join openai_interactions i on i.conversation_id = c.id and i.workspace_id = c.workspace_id
        group by i.purpose, i.model order by i.purpose, i.model
      ) s), '[]')
    ) || (select jsonb_object_agg(s.name, jsonb_build_object(
      'free', (select count(*) from answers a
        where (s.is_whole or a.in_branch) and a.ended_at is not null and a.charged_micros is null),
      'copied', (select count(*) from answers a where (s.is_whole or a.in_branch) and a.id is null),
      'running', (select count(*) from answers a where (s.is_whole or a.in_branch) and a.status = 'running'),
      'models', coalesce((select jsonb_agg(to_jsonb(m)) from (
        select a.model, count(*) as count, sum(a.prompt_tokens) as "promptTokens",
          sum(coalesce(a.cached_tokens, 0)) as "cachedTokens", sum(a.completion_tokens) as "completionTokens",
          sum(coalesce(a.reasoning_tokens, 0)) as "reasoningTokens", sum(a.charged_micros) as "chargedMicros",
          count(*) filter (where a.estimated) as estimated
        from answers a where (s.is_whole or a.in_branch) and a.charged_micros is not null
        group by a.model order by sum(a.charged_micros) desc, a.model
      ) m), '[]')
    )) from scopes s) as receipt
    from conversation`);
  if (row === undefined) throw notFound("conversation");
  return receiptSchema.parse(row.receipt);
}
