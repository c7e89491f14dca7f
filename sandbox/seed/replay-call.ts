import type { Tx } from "#db/client.ts";
import { freeAllowance } from "#lib/billing/entitlements/entitlements.ts";
import { chargeMicros } from "#lib/usage/charge.ts";
import { takeHold } from "#lib/usage/holds.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";
import { stableId } from "#sandbox/seed/deterministic-values.ts";
import type { PastCall } from "#sandbox/seed/past-calls.ts";

export type SeedAccount = { workspaceId: string; userId: string; createdAt: Date; apiKeyId: string | null };

const dayMs = 86_400_000;

/**
 * Writes a past call with the functions that real calls use: hold, then settle. The ledger is therefore
 * consistent.
 * @returns the charge and the remaining credit; null if the credit did not suffice, and nothing was written
 */
export async function replayCall(
  tx: Tx,
  account: SeedAccount,
  call: PastCall,
): Promise<{ holdId: string; chargedMicros: number; availableMicros: number } | null> {
  const { id, at, model, promptTokens, cachedTokens, completionTokens, viaApi } = call;
  const usage = { promptTokens, cachedTokens, completionTokens };
  const amountMicros = chargeMicros(model.price, usage);
  const holdId = stableId(id, "hold");
  const hold = await takeHold(tx, account.workspaceId, {
    holdId,
    subjectId: id,
    subjectKind: viaApi ? "request" : "generation",
    model: model.id,
    amountMicros,
    minimumMicros: amountMicros,
    rates: { price: model.price, cost: model.cost },
    at,
    expiresAt: new Date(at.getTime() + dayMs),
    grant: freeAllowance(account.createdAt, at),
  });
  if (!hold.ok) return null;
  const settled = await settleHold(tx, account.workspaceId, holdId, {
    usage,
    estimated: false,
    at,
    apiKeyId: viaApi ? account.apiKeyId : null,
    interaction: {
      userId: account.userId,
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
