import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";
import { type GrantDue, type GrantEnd, grantsDue, grantsEnded } from "#lib/billing/grants-due.ts";
import { type MoneyBack, moneyBack } from "#lib/billing/money-back.ts";
import { type GrantInput, grantCredit, takeBack } from "#lib/usage/grants.ts";

/** What became of a grant; `spentMicros` may still grow while answers run that may draw from it. */
type Given = {
  sourceKey: string;
  amountMicros: number;
  spentMicros: number;
  remainingMicros: number;
  takenBackMicros: number;
  expiresAtMs: number;
};

/**
 * Brings a workspace's credit to what a customer's state entitles to: gives what is due, ends what has ended before its time,
 * and takes back what was paid for with money that went back. Under the customer's lock; saying it again changes nothing.
 * @returns how many grants were given
 */
export async function applyCredit(
  tx: Tx,
  workspaceId: string,
  state: CustomerState,
  at: Date,
): Promise<number> {
  let granted = 0;
  await endAll(tx, workspaceId, grantsEnded(state), at);
  for (const due of grantsDue(state, at)) granted += (await give(tx, workspaceId, due, at)) ? 1 : 0;
  for (const back of moneyBack(state)) await take(tx, workspaceId, back, at);
  return granted;
}

/** What runs to its own expiry is left to expire. */
async function endAll(tx: Tx, workspaceId: string, ends: GrantEnd[], at: Date): Promise<void> {
  const endedAt = new Map(ends.map((end) => [end.sourceKey, end.endedAt]));
  for (const given of await readGiven(tx, workspaceId, [...endedAt.keys()])) {
    const moment = endedAt.get(given.sourceKey) ?? null;
    if (moment === null || moment.getTime() < given.expiresAtMs) await end(tx, workspaceId, given, at);
  }
}

/** What is left of a grant is gone; what was spent of it stays spent. */
async function end(tx: Tx, workspaceId: string, given: Given, at: Date): Promise<void> {
  const { sourceKey, remainingMicros, takenBackMicros } = given;
  const targetMicros = takenBackMicros + Math.max(0, remainingMicros);
  await takeBack(tx, workspaceId, { sourceKey, targetMicros, reason: "ended", at });
}

/** M13: what was spent of the grace before a renewal was paid is part of that month's allowance. */
async function give(
  tx: Tx,
  workspaceId: string,
  { graceKey, ...grant }: GrantDue,
  at: Date,
): Promise<boolean> {
  const [grace] = graceKey === null ? [] : await readGiven(tx, workspaceId, [graceKey]);
  const rest: GrantInput = { ...grant, amountMicros: grant.amountMicros - (grace?.spentMicros ?? 0) };
  return (await grantCredit(tx, workspaceId, rest, at)).granted;
}

/** M18, M19: of each grant the same share as went back of the payment, rounded down. */
async function take(tx: Tx, workspaceId: string, back: MoneyBack, at: Date): Promise<void> {
  const { sourceKeys, returnedCents, paidCents, reason } = back;
  for (const { sourceKey, amountMicros } of await readGiven(tx, workspaceId, sourceKeys)) {
    const targetMicros = Number((BigInt(amountMicros) * BigInt(returnedCents)) / BigInt(paidCents));
    await takeBack(tx, workspaceId, { sourceKey, targetMicros, reason, at });
  }
}

async function readGiven(tx: Tx, workspaceId: string, sourceKeys: string[]): Promise<Given[]> {
  if (sourceKeys.length === 0) return [];
  const keys = sql.join(
    sourceKeys.map((key) => sql`${key}`),
    sql`, `,
  );
  return tx.execute<Given>(sql`
    select source_key as "sourceKey", amount_micros::float8 as "amountMicros", spent_micros::float8 as "spentMicros",
      remaining_micros::float8 as "remainingMicros", taken_back_micros::float8 as "takenBackMicros",
      (extract(epoch from expires_at) * 1000)::float8 as "expiresAtMs"
    from grants where workspace_id = ${workspaceId}::uuid and source_key in (${keys}) order by source_key`);
}
