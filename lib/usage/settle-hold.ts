import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#db/client.ts";
import { metrics } from "#lib/core/metrics.ts";
import type { Tokens } from "#lib/usage/charge.ts";
import { callFields, type Interaction } from "#lib/usage/interactions.ts";

export type Settlement = {
  /** What was received, by the upstream's count or our own. */
  usage: Tokens;
  /** True when it was counted by us (M6). */
  estimated: boolean;
  at: Date;
  apiKeyId: string | null;
  interaction: Interaction;
};

/** What the SQL function `settle_hold` answers, and `end_generations` with it. */
export const settledSchema = z.object({
  /** False when the hold had ended before; then nothing changed. */
  settled: z.boolean(),
  model: z.string(),
  /** What the customer paid. */
  chargedMicros: z.number(),
  /** What the upstream charges us. */
  costMicros: z.number(),
  /** What the customer could not pay (M7). */
  lossMicros: z.number(),
  availableMicros: z.number(),
});
export type Settled = z.infer<typeof settledSchema>;

/**
 * Charges what was received and frees the rest of the hold, exactly once (M5, M6, M7), by the rates of the moment the hold
 * was taken. Ledger, balance, request log and the day's sums change together in one statement, the SQL function
 * `settle_hold`, so that the workspace's balance row is locked for as long as PostgreSQL needs and no round trip longer.
 * @throws Error when the workspace has no such hold
 */
export async function settleHold(
  tx: Tx,
  workspaceId: string,
  holdId: string,
  settlement: Settlement,
): Promise<Settled> {
  const [row] = await tx.execute<{ settled: unknown }>(sql`
    select settle_hold(${workspaceId}::uuid, ${holdId}::uuid, ${JSON.stringify(settledCall(settlement))}::text::jsonb,
      ${settlement.at.toISOString()}::timestamptz) as settled`);
  if (row?.settled == null) throw new Error(`Workspace ${workspaceId} has no hold ${holdId}.`);
  const settled = settledSchema.parse(row.settled);
  countSettled(settled, settlement.usage);
  return settled;
}

/** The call as `settle_hold` takes it. */
export function settledCall({ usage, estimated, at, apiKeyId, interaction }: Settlement) {
  const { promptTokens, cachedTokens, completionTokens } = usage;
  return callFields({
    ...interaction,
    apiKeyId,
    promptTokens,
    cachedTokens,
    completionTokens,
    estimated,
    at,
  });
}

/** Counts a settlement in the metrics, unless the hold had ended before. */
export function countSettled(settled: Settled, { promptTokens, completionTokens }: Tokens): void {
  if (!settled.settled) return;
  const { model } = settled;
  metrics.tokens.inc({ model, direction: "prompt" }, promptTokens);
  metrics.tokens.inc({ model, direction: "completion" }, completionTokens);
  metrics.costMicros.inc({ model }, settled.costMicros);
  metrics.chargedMicros.inc({ model }, settled.chargedMicros);
  metrics.lossMicros.inc({ model }, settled.lossMicros);
}
