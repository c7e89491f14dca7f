import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import type { Rating } from "#lib/chat/conversations/rating.ts";
import { notFound } from "#lib/core/errors.ts";

/**
 * Stores a user's rating of an answer, which replaces an earlier one; null removes it. Safe to repeat.
 * @throws AppError not_found unless it is a finished answer in one of the user's conversations
 */
export async function rateAnswer(
  tx: Tx,
  workspaceId: string,
  userId: string,
  messageId: string,
  rating: Rating | null,
  at: Date,
): Promise<void> {
  const answer = sql`select m.id, m.model from messages m join conversations c on c.id = m.conversation_id
    where m.id = ${messageId}::uuid and m.role = 'assistant' and m.status <> 'streaming' and m.model is not null
      and c.workspace_id = ${workspaceId}::uuid and c.user_id = ${userId}::uuid and c.deleted_at is null`;
  const found =
    rating === null
      ? await tx.execute(sql`with answer as (${answer}), removed as (
          delete from message_ratings where user_id = ${userId}::uuid and message_id in (select id from answer))
        select id from answer`)
      : await tx.execute(sql`
        insert into message_ratings (message_id, user_id, model, rating, reason, rated_at)
        select a.id, ${userId}::uuid, a.model, ${rating.value}, ${rating.reason}, ${at.toISOString()}::timestamptz
        from (${answer}) a
        on conflict (message_id, user_id) do update
          set rating = excluded.rating, reason = excluded.reason, rated_at = excluded.rated_at
        returning message_id`);
  if (found.length === 0) throw notFound("message");
}

export type RatingCounts = { model: string; up: number; down: number; reasons: Record<string, number> };

/** Counts the ratings per model, most rated first, without any text of an answer. */
export async function countRatings(tx: Tx): Promise<RatingCounts[]> {
  return tx.execute<RatingCounts>(sql`
    select model, coalesce(sum(count) filter (where rating = 'up'), 0)::integer as up,
      coalesce(sum(count) filter (where rating = 'down'), 0)::integer as down,
      coalesce(jsonb_object_agg(reason, count) filter (where reason is not null), '{}') as reasons
    from (select model, rating, reason, count(*) as count from message_ratings group by model, rating, reason) counted
    group by model order by sum(count) desc, model`);
}
