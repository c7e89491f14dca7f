import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#db/client.ts";
import { metrics } from "#lib/core/metrics.ts";
import { traced } from "#lib/core/observability/tracing.ts";
import { chargeMicros, type HoldRates, type Tokens } from "#lib/usage/charge.ts";
import { callFields, type Interaction } from "#lib/usage/interactions.ts";
import { recordOutputTokens } from "#lib/usage/likely-output.ts";

export type Settlement = {
  /** The received tokens, counted by the upstream or by us. */
  usage: Tokens;
  /** True when we counted the tokens (M6). */
  estimated: boolean;
  /** The rates stored with the hold (M6); read from the hold when the caller does not know them. */
  rates?: HoldRates;
  at: Date;
  apiKeyId: string | null;
  interaction: Interaction;
};

/** The result of the SQL function `settle_hold`, which `finalize_generations` returns as well. */
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
 * Charges what was received and frees the rest of the hold, exactly once (M5, M6, M7). Ledger, balance,
 * request log and daily totals change in one statement, so no network round trip happens while the balance
 * row is locked.
 * @throws Error when the workspace has no such hold
 */
export const settleHold = traced(
  "usage.settleHold",
  async (tx: Tx, workspaceId: string, holdId: string, settlement: Settlement): Promise<Settled> => {
    const rates = settlement.rates ?? (await readHoldRates(tx, workspaceId, holdId));
    const { charge, cost } = chargeAndCost(rates, settlement.usage);
    const [row] = await tx.execute<{ settled: unknown }>(sql`
    select settle_hold(${workspaceId}::uuid, ${holdId}::uuid, ${charge}::bigint, ${cost}::bigint,
      ${JSON.stringify(toSettledCall(settlement))}::text::jsonb, ${settlement.at.toISOString()}::timestamptz) as settled`);
    if (row?.settled == null) throw missingHold(workspaceId, holdId);
    const settled = settledSchema.parse(row.settled);
    countSettled(settled, settlement.usage);
    return settled;
  },
);

async function readHoldRates(tx: Tx, workspaceId: string, holdId: string): Promise<HoldRates> {
  const [row] = await tx.execute<{ rates: HoldRates }>(sql`
    select rates from holds where id = ${holdId}::uuid and workspace_id = ${workspaceId}::uuid`);
  if (row === undefined) throw missingHold(workspaceId, holdId);
  return row.rates;
}

function missingHold(workspaceId: string, holdId: string): Error {
  return new Error(`Workspace ${workspaceId} has no hold ${holdId}.`);
}

/**
 * Returns what the customer pays for an answer and what it costs us, in micro-USD, by the rates of its hold
 * (M6, M8).
 */
export function chargeAndCost({ price, cost }: HoldRates, usage: Tokens): { charge: number; cost: number } {
  return { charge: chargeMicros(price, usage), cost: chargeMicros(cost, usage) };
}

/** The call in the form that the SQL functions add to the request log. */
export function toSettledCall({ usage, estimated, at, apiKeyId, interaction }: Omit<Settlement, "rates">) {
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

/** Adds a settlement to the metrics and to the likely length of answers, unless the hold had ended before. */
export function countSettled(settled: Settled, { promptTokens, completionTokens }: Tokens): void {
  if (!settled.settled) return;
  const { model } = settled;
  recordOutputTokens(model, completionTokens);
  metrics.tokens.inc({ model, direction: "prompt" }, promptTokens);
  metrics.tokens.inc({ model, direction: "completion" }, completionTokens);
  metrics.costMicros.inc({ model }, settled.costMicros);
  metrics.chargedMicros.inc({ model }, settled.chargedMicros);
  metrics.lossMicros.inc({ model }, settled.lossMicros);
}
