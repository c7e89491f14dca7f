import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#db/client.ts";

/** A token bucket. A fraction of a token per minute is allowed: 0.2 is one token in five minutes. */
export type Bucket = { capacity: number; refillPerMinute: number };
export type TokenTaken = { ok: boolean; retryAfterSeconds: number; remaining: number };

const rowSchema = z.object({ remaining: z.int(), wait: z.int() });

/**
 * Takes one token from the bucket `key`, with the SQL function `take_token`. Concurrent callers never get
 * more tokens than the bucket has.
 * @returns `retryAfterSeconds`: the time until the next token, 0 when one was taken
 */
export async function takeToken(tx: Tx, key: string, bucket: Bucket, at: Date): Promise<TokenTaken> {
  const [row] = await tx.execute(sql`
    select remaining, retry_after_seconds as wait
    from take_token(${key}, ${bucket.capacity}::integer, ${bucket.refillPerMinute}::float8, ${at.toISOString()}::timestamptz)`);
  const { remaining, wait } = rowSchema.parse(row);
  return { ok: wait === 0, retryAfterSeconds: wait, remaining };
}
