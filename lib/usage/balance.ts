import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#db/client.ts";

const balanceSchema = z.object({
  availableMicros: z.number(),
  heldMicros: z.number(),
  balanceMicros: z.number(),
  grants: z.array(
    z.object({
      kind: z.enum(["allowance", "trial", "grace", "top_up", "manual", "restored"]),
      amountMicros: z.number(),
      remainingMicros: z.number(),
      takenBackMicros: z.number(),
      startsAt: z.coerce.date(),
      expiresAt: z.coerce.date(),
      sourceKey: z.string(),
    }),
  ),
});

/** A workspace's credit. `grants` are the running ones, in the order in which they are spent (M3). */
export type Balance = z.infer<typeof balanceSchema>;

/** Reads a workspace's credit in one statement. `availableMicros` is what a new hold can take (M2). */
export async function readBalance(tx: Tx, workspaceId: string, at: Date): Promise<Balance> {
  const when = at.toISOString();
  const [row] = await tx.execute<{ balance: unknown }>(sql`
    select jsonb_build_object(
      'availableMicros', available_credit(${workspaceId}::uuid, ${when}::timestamptz),
      'heldMicros', coalesce((select held_micros from balances where workspace_id = ${workspaceId}::uuid), 0),
      'balanceMicros', coalesce((select balance_micros from balances where workspace_id = ${workspaceId}::uuid), 0),
      'grants', coalesce((
        select jsonb_agg(jsonb_build_object('kind', kind, 'amountMicros', amount_micros, 'remainingMicros', remaining_micros,
          'takenBackMicros', taken_back_micros, 'startsAt', starts_at, 'expiresAt', expires_at, 'sourceKey', source_key)
          order by kind = 'top_up', expires_at, created_at)
        from grants
        where workspace_id = ${workspaceId}::uuid and starts_at <= ${when}::timestamptz and expires_at > ${when}::timestamptz
      ), '[]')) as balance`);
  return balanceSchema.parse(row?.balance);
}
