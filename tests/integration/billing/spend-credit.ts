import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { takeHold } from "#lib/usage/holds.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";
import type { BillingTestEnv, Customer } from "#tests/integration/billing/billing-test-env.ts";
import { interaction, rates } from "#tests/integration/usage/workspace.ts";

/** Spends credit as an answer does: takes a hold and settles it. Throws when the credit is insufficient. */
export async function spendCredit(
  { db }: Pick<BillingTestEnv, "db">,
  { workspaceId }: Pick<Customer, "workspaceId">,
  micros: number,
): Promise<void> {
  const holdId = newId();
  const at = now();
  const amounts = { amountMicros: micros, minimumMicros: micros, rates };
  const expiresAt = new Date(at.getTime() + 600_000);
  const subject = { holdId, subjectId: holdId, subjectKind: "generation" as const, model: "m" };
  const taken = await takeHold(db, workspaceId, { ...subject, ...amounts, at, expiresAt });
  if (!taken.ok) throw new Error(`Only ${taken.availableMicros} micro-USD are available.`);
  const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: micros };
  await settleHold(db, workspaceId, holdId, { usage, estimated: false, at, apiKeyId: null, interaction });
}
