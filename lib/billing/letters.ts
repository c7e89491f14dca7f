import { and, eq, inArray } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { outgoingMail } from "#db/schema/accounts.ts";
import { grants } from "#db/schema/usage.ts";
import { queueMail } from "#lib/accounts/mail.ts";
import { findPayerAddress } from "#lib/billing/customers.ts";
import { lettersDue, type Refund, refundKey } from "#lib/billing/letters-due.ts";
import { moneyBack } from "#lib/billing/money-back.ts";
import type { SettledState } from "#lib/billing/settle-trials.ts";
import { readPayment } from "#lib/gateways/stripe-payments.ts";
import { findLastRefundAt } from "#lib/gateways/stripe-refunds.ts";

/**
 * Writes the letters that a customer's state asks for, whatever was heard and how often: the business keys make each of them
 * go out once. After the credit was brought up to date, which some of them tell of.
 * @throws AppError billing_unavailable
 */
export async function queueBillingLetters(
  tx: Tx,
  workspaceId: string,
  state: SettledState,
  at: Date,
): Promise<void> {
  const to = await findPayerAddress(tx, workspaceId);
  // Whoever had their account deleted gets no more letters.
  if (to === null) return;
  const facts = {
    ...state,
    asked: await findAsked(state),
    refunds: await findRefunds(tx, workspaceId, state),
  };
  for (const { uniqueKey, write } of lettersDue(facts, at))
    await queueMail(tx, { to, template: write, uniqueKey, data: undefined });
}

/** Which of the invoices that were tried wait for the bank to be asked. */
async function findAsked({ invoices }: SettledState): Promise<ReadonlySet<string>> {
  const tried = invoices.filter(
    ({ status, attemptCount, subscriptionId }) =>
      status === "open" && attemptCount > 0 && subscriptionId !== null,
  );
  const asked = new Set<string>();
  for (const { id } of tried) if ((await readPayment(id)).needsAction) asked.add(id);
  return asked;
}

/** The refunds that were not written about yet. Stripe is asked for no others. */
async function findRefunds(tx: Tx, workspaceId: string, state: SettledState): Promise<Refund[]> {
  const refunded = state.charges.filter(({ refundedCents }) => refundedCents > 0);
  const told = await readTold(
    tx,
    refunded.map(({ id, refundedCents }) => refundKey(id, refundedCents)),
  );
  const untold = refunded.filter(({ id, refundedCents }) => !told.has(refundKey(id, refundedCents)));
  const refunds: Refund[] = [];
  for (const { id: chargeId, amountCents: paidCents, refundedCents } of untold) {
    const at = await findLastRefundAt(chargeId);
    if (at === null) continue;
    const takenBackMicros = await readTakenBack(tx, workspaceId, state, chargeId);
    refunds.push({ chargeId, paidCents, refundedCents, at, takenBackMicros });
  }
  return refunds;
}

async function readTold(tx: Tx, keys: string[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const rows = await tx
    .select({ key: outgoingMail.uniqueKey })
    .from(outgoingMail)
    .where(inArray(outgoingMail.uniqueKey, keys));
  return new Set(rows.map(({ key }) => key));
}

/** What is taken back by now of the credit that a payment had paid for. */
async function readTakenBack(
  tx: Tx,
  workspaceId: string,
  state: SettledState,
  chargeId: string,
): Promise<number> {
  const back = moneyBack(state).find(({ reason }) => reason === `charge:${chargeId}`);
  if (back === undefined) return 0;
  const rows = await tx
    .select({ micros: grants.takenBackMicros })
    .from(grants)
    .where(and(eq(grants.workspaceId, workspaceId), inArray(grants.sourceKey, back.sourceKeys)));
  return rows.reduce((sum, { micros }) => sum + micros, 0);
}
