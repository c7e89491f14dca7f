import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#db/client.ts";
import { decryptSecret, encryptSecret } from "#lib/core/secrets/secret-box.ts";

/** A whole completion in OpenAI's form, with what is needed to return it again. */
const answerSchema = z.object({
  /** The model that answered, as the header x-parley-model named it. */
  answeredBy: z.string(),
  upstream: z.string(),
  completion: z.looseObject({ choices: z.array(z.looseObject({ index: z.number().optional() })) }),
  usage: z.object({
    promptTokens: z.number(),
    cachedTokens: z.number(),
    completionTokens: z.number(),
  }),
});
export type CachedAnswer = z.infer<typeof answerSchema>;

/** Limits per workspace; the oldest answers make room. */
const maxAnswers = 1_000;
const maxBytes = 32 * 1024 * 1024;
/** A longer answer is not stored. */
const maxAnswerBytes = 256 * 1024;

const contextOf = (workspaceId: string, key: string) => `response_cache:${workspaceId}:${key}`;

/**
 * Returns a stored answer of this workspace that is not older than `seconds`; null if there is none. One that
 * was encrypted with an earlier secret counts as missing.
 */
export async function readAnswer(
  tx: Tx,
  workspaceId: string,
  key: string,
  { seconds, at }: { seconds: number; at: Date },
): Promise<{ answer: CachedAnswer; ageSeconds: number } | null> {
  const when = at.toISOString();
  const [row] = await tx.execute<{ answer: string; age: number }>(sql`
    select answer, extract(epoch from ${when}::timestamptz - created_at)::float8 as age from response_cache
    where workspace_id = ${workspaceId}::uuid and key = ${key} and expires_at > ${when}::timestamptz
      and created_at > ${when}::timestamptz - make_interval(secs => ${seconds})`);
  if (row === undefined) return null;
  try {
    const answer = answerSchema.parse(JSON.parse(decryptSecret(row.answer, contextOf(workspaceId, key))));
    return { answer, ageSeconds: Math.max(0, Math.floor(row.age)) };
  } catch {
    return null;
  }
}

/** Stores an answer, and deletes the oldest ones of the workspace beyond its limits. */
export async function storeAnswer(
  tx: Tx,
  workspaceId: string,
  key: string,
  answer: CachedAnswer,
  { seconds, at }: { seconds: number; at: Date },
): Promise<void> {
  const encrypted = encryptSecret(JSON.stringify(answer), contextOf(workspaceId, key));
  if (encrypted.length > maxAnswerBytes) return;
  const expiresAt = new Date(at.getTime() + seconds * 1_000);
  await tx.execute(sql`
    with excess as (
      select key from (
        select key, row_number() over newest as position, sum(bytes) over newest as total
        from response_cache where workspace_id = ${workspaceId}::uuid and key <> ${key}
        window newest as (order by created_at desc, key)
      ) as others
      where position >= ${maxAnswers} or total > ${maxBytes - encrypted.length}
    ), deleted as (
      delete from response_cache where workspace_id = ${workspaceId}::uuid and key in (select key from excess)
    )
    insert into response_cache (workspace_id, key, answer, bytes, created_at, expires_at)
    values (${workspaceId}::uuid, ${key}, ${encrypted}, ${encrypted.length}, ${at.toISOString()}::timestamptz,
      ${expiresAt.toISOString()}::timestamptz)
    on conflict (workspace_id, key) do update set answer = excluded.answer, bytes = excluded.bytes,
      created_at = excluded.created_at, expires_at = excluded.expires_at`);
}

/** Deletes all stored answers of a workspace. */
export async function deleteAnswers(tx: Tx, workspaceId: string): Promise<void> {
  await tx.execute(sql`delete from response_cache where workspace_id = ${workspaceId}::uuid`);
}
