import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";
import { type GrantDue, grantsDue } from "#lib/billing/grants-due.ts";
import { type MoneyBack, moneyBack } from "#lib/billing/money-back.ts";
import { type GrantInput, grantCredit, takeBack } from "#lib/usage/grants.ts";

/** What a grant came to; `spentMicros` may still grow while answers run that may draw from it. */
type Given = { sourceKey: string; amountMicros: number; spentMicros: number };

/**
 * Brings a workspace's credit to what a customer's state entitles to: gives what is due, and takes back what was paid for with
 * money that went back. Under the customer's lock; saying it again changes nothing.
 * @returns how many grants were given
 */
export async function applyCredit(
  tx: Tx,
  workspaceId: string,
  state: CustomerState,
  at: Date,
): Promise<number> {
  let granted = 0;
  for (const due of grantsDue(state, at)) granted += (await give(tx, workspaceId, due, at)) ? 1 : 0;
  for (const back of moneyBack(state)) await take(tx, workspaceId, back, at);
  return granted;
}

/** M13: once the renewal is paid, what is left of the grace ends, and what was spent of it is part of the month's allowance. */
async function give(
  tx: Tx,
  workspaceId: string,
  { graceKey, ...grant }: GrantDue,
  at: Date,
): Promise<boolean> {
  const [grace] = graceKey === null ? [] : await readGiven(tx, workspaceId, [graceKey]);
  if (grace === undefined) return (await grantCredit(tx, workspaceId, grant, at)).granted;
  const { sourceKey, amountMicros, spentMicros } = grace;
  const end = { sourceKey, targetMicros: amountMicros - spentMicros, reason: "grace-ended", at };
  await takeBack(tx, workspaceId, end);
  const rest: GrantInput = { ...grant, amountMicros: grant.amountMicros - spentMicros };
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
  const keys = sql.join(
    sourceKeys.map((key) => sql`${key}`),
    sql`, `,
  );
  return tx.execute<Given>(sql`
    select source_key as "sourceKey", amount_micros::float8 as "amountMicros", spent_micros::float8 as "spentMicros"
    from grants where workspace_id = ${workspaceId}::uuid and source_key in (${keys}) order by source_key`);
}
