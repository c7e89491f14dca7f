import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "#db/client.ts";
import { metrics } from "#lib/ground/metrics.ts";
import { allocate } from "#lib/usage/allocate.ts";
import { chargeMicros, type Tokens } from "#lib/usage/charge.ts";
import { type Interaction, recordInteraction } from "#lib/usage/interactions.ts";

export type Settlement = {
  /** What was received, by the upstream's count or our own. */
  usage: Tokens;
  /** True when it was counted by us (M6). */
  estimated: boolean;
  at: Date;
  apiKeyId: string | null;
  interaction: Interaction;
};

export type Settled = {
  /** False when the hold had ended before; then nothing changed. */
  settled: boolean;
  /** What the customer paid. */
  chargedMicros: number;
  availableMicros: number;
};

const ratesSchema = z.object({
  inputMicrosPerMillion: z.number(),
  cachedInputMicrosPerMillion: z.number(),
  outputMicrosPerMillion: z.number(),
});
const gatheredSchema = z.object({
  state: z.enum(["held", "settled", "released"]),
  model: z.string(),
  rates: z.object({ price: ratesSchema, cost: ratesSchema }),
  amountMicros: z.number(),
  chargedMicros: z.number().nullable(),
  freeMicros: z.number(),
  grants: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      remainingMicros: z.number(),
      expiresAtMs: z.number(),
      createdAtMs: z.number(),
      expired: z.boolean(),
    }),
  ),
});

/** The day's row of what was used in the browser, where no key is involved. */
const noKey = "00000000-0000-0000-0000-000000000000";

/**
 * Charges what was received and frees the rest of the hold, exactly once (M5, M6, M7), by the rates of the moment the hold
 * was taken. Ledger, balance, request log and the day's sums change together, in the caller's transaction.
 * @throws Error when the workspace has no such hold
 */
export async function settleHold(
  tx: Tx,
  workspaceId: string,
  holdId: string,
  settlement: Settlement,
): Promise<Settled> {
  const when = settlement.at.toISOString();
  return tx.transaction(async (inner) => {
    const [row] = await inner.execute<{ gathered: unknown }>(sql`
      select gather_settlement(${workspaceId}::uuid, ${holdId}::uuid, ${when}::timestamptz) as gathered`);
    if (row?.gathered == null) throw new Error(`Workspace ${workspaceId} has no hold ${holdId}.`);
    const hold = gatheredSchema.parse(row.gathered);
    if (hold.state !== "held") {
      return { settled: false, chargedMicros: hold.chargedMicros ?? 0, availableMicros: hold.freeMicros };
    }
    const charge = chargeMicros(hold.rates.price, settlement.usage);
    const { draws, coveredMicros, lossMicros } = allocate(
      hold.grants,
      charge,
      hold.amountMicros,
      hold.freeMicros,
    );
    await inner.execute(sql`
      select apply_settlement(${workspaceId}::uuid, ${holdId}::uuid, ${JSON.stringify(draws)}::jsonb,
        ${coveredMicros}::bigint, ${lossMicros}::bigint, ${when}::timestamptz)`);
    const costMicros = chargeMicros(hold.rates.cost, settlement.usage);
    await record(inner, workspaceId, {
      ...settlement,
      holdId,
      model: hold.model,
      costMicros,
      chargedMicros: coveredMicros,
      lossMicros,
    });
    count(hold.model, settlement.usage, { costMicros, chargedMicros: coveredMicros, lossMicros });
    const availableMicros = hold.freeMicros + hold.amountMicros - coveredMicros;
    return { settled: true, chargedMicros: coveredMicros, availableMicros };
  });
}

type Record = Settlement & {
  holdId: string;
  model: string;
  costMicros: number;
  chargedMicros: number;
  lossMicros: number;
};

async function record(tx: Tx, workspaceId: string, facts: Record): Promise<void> {
  const { usage, interaction, at, ...counted } = facts;
  await recordInteraction(tx, workspaceId, { ...interaction, ...counted, ...usage, at });
  await tx.execute(sql`
    insert into usage_daily as d (workspace_id, day, model, api_key_id, requests, prompt_tokens, completion_tokens,
      cost_micros, charged_micros)
    values (${workspaceId}::uuid, ${at.toISOString().slice(0, 10)}::date, ${facts.model}, ${facts.apiKeyId ?? noKey}::uuid, 1,
      ${usage.promptTokens}, ${usage.completionTokens}, ${facts.costMicros}, ${facts.chargedMicros})
    on conflict (workspace_id, day, model, api_key_id) do update set requests = d.requests + 1,
      prompt_tokens = d.prompt_tokens + excluded.prompt_tokens,
      completion_tokens = d.completion_tokens + excluded.completion_tokens,
      cost_micros = d.cost_micros + excluded.cost_micros, charged_micros = d.charged_micros + excluded.charged_micros`);
}

function count(
  model: string,
  { promptTokens, completionTokens }: Tokens,
  money: { costMicros: number; chargedMicros: number; lossMicros: number },
): void {
  metrics.tokens.inc({ model, direction: "prompt" }, promptTokens);
  metrics.tokens.inc({ model, direction: "completion" }, completionTokens);
  metrics.costMicros.inc({ model }, money.costMicros);
  metrics.chargedMicros.inc({ model }, money.chargedMicros);
  metrics.lossMicros.inc({ model }, money.lossMicros);
}
