import type { Tx } from "#db/client.ts";
import type { PastCall } from "#db/seed/calls.ts";
import { idOf } from "#db/seed/deterministic.ts";
import { freeAllowance } from "#lib/billing/entitlements.ts";
import { chargeMicros } from "#lib/usage/charge.ts";
import { takeHold } from "#lib/usage/holds.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";

export type Spender = { workspaceId: string; userId: string; createdAt: Date; apiKeyId: string | null };

const dayMs = 86_400_000;

/**
 * Lives a past call through again, by the same functions that today's calls go through: hold, then settle. Whatever it
 * leaves in the ledger is therefore as it should be.
 * @returns what it cost, and what is left; null when the credit did not suffice and the call did not happen
 */
export async function spend(
  tx: Tx,
  spender: Spender,
  call: PastCall,
): Promise<{ holdId: string; chargedMicros: number; availableMicros: number } | null> {
  const { id, at, model, promptTokens, cachedTokens, completionTokens, viaApi } = call;
  const usage = { promptTokens, cachedTokens, completionTokens };
  const amountMicros = chargeMicros(model.price, usage);
  const holdId = idOf(id, "hold");
  const hold = await takeHold(tx, spender.workspaceId, {
    holdId,
    subjectId: id,
    subjectKind: viaApi ? "request" : "generation",
    model: model.id,
    amountMicros,
    minimumMicros: amountMicros,
    rates: { price: model.price, cost: model.cost },
    at,
    expiresAt: new Date(at.getTime() + dayMs),
    grant: freeAllowance(spender.createdAt, at),
  });
  if (!hold.ok) return null;
  const settled = await settleHold(tx, spender.workspaceId, holdId, {
    usage,
    estimated: false,
    at,
    apiKeyId: viaApi ? spender.apiKeyId : null,
    interaction: {
      userId: spender.userId,
      purpose: viaApi ? "api" : "chat",
      upstream: model.upstream,
      firstTokenMs: call.firstTokenMs,
      durationMs: call.durationMs,
      outcome: "done",
      errorCode: null,
      requestId: null,
      prompt: null,
      answer: null,
    },
  });
  return { holdId, chargedMicros: settled.chargedMicros, availableMicros: settled.availableMicros };
}
