import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#db/client.ts";
import { rateBuckets } from "#db/schema/accounts.ts";

/** A token bucket: so many at once, and so many more a minute (a part of one is fine: 0.2 is one in five minutes). */
export type Bucket = { capacity: number; refillPerMinute: number };
export type TokenTaken = { ok: boolean; retryAfterSeconds: number; remaining: number };

const rowSchema = z.tuple([z.object({ tokens: z.int(), next_at: z.coerce.number() })]);

/**
 * Takes one token from the bucket `key`, in one statement: callers in parallel are served one after the other by the
 * row's lock, and never get more than there are. An empty bucket is written down as -1, so that the statement can tell
 * "the last one was yours" from "there is none".
 * @returns `retryAfterSeconds`: when the next token is there (0 when one was taken)
 */
export async function takeToken(tx: Tx, key: string, bucket: Bucket, at: Date): Promise<TokenTaken> {
  const { capacity } = bucket;
  const tokenMs = 60_000 / bucket.refillPerMinute;
  const moment = sql`${at.toISOString()}::timestamptz`;
  const { key: keyColumn, tokens, refilledAt } = rateBuckets;
  // Whole tokens that have come since the last count; a clock that runs back brings none and takes none.
  const gained = sql`floor(greatest(0, extract(epoch from (${moment} - ${refilledAt})) * 1000) / ${tokenMs}::float8)`;
  const full = sql`greatest(${tokens}, 0) + ${gained} >= ${capacity}::int`;
  const rows = await tx.execute(sql`
    insert into ${rateBuckets} (${sql.identifier(keyColumn.name)}, ${sql.identifier(tokens.name)}, ${sql.identifier(refilledAt.name)})
    values (${key}, ${capacity - 1}, ${moment})
    on conflict (key) do update set
      tokens = least(greatest(${tokens}, 0) + ${gained}, ${capacity}::int) - 1,
      refilled_at = case
        when ${full} then greatest(${moment}, ${refilledAt})
        else ${refilledAt} + ${gained} * ${tokenMs}::float8 * interval '1 millisecond' end
    returning tokens, extract(epoch from refilled_at) * 1000 + ${tokenMs}::float8 as next_at`);
  const [row] = rowSchema.parse([...rows]);
  const ok = row.tokens >= 0;
  const waitSeconds = Math.max(1, Math.ceil((row.next_at - at.getTime()) / 1_000));
  return { ok, retryAfterSeconds: ok ? 0 : waitSeconds, remaining: Math.max(0, row.tokens) };
}
