import { and, eq, inArray } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { outgoingMail } from "#db/schema/accounts.ts";
import { grants } from "#db/schema/usage.ts";
import { queueEmail } from "#lib/accounts/email/queue-email.ts";
import { grantsPaidBy } from "#lib/billing/credit/refunds-and-disputes.ts";
import type { TrialCheckedState } from "#lib/billing/customer/customer-state.ts";
import { findBillingEmail } from "#lib/billing/customer/customers.ts";
import { emailsDue, type Refund, refundKey } from "#lib/billing/emails/emails-due.ts";
import { findLastRefundAt } from "#lib/gateways/stripe/charges.ts";
import { readPayment } from "#lib/gateways/stripe/payments.ts";

/**
 * Queues the emails that a customer's state calls for; unique keys prevent sending one twice. Call it after
 * the credit was applied, which some emails mention.
 * @throws AppError billing_unavailable
 */
export async function queueBillingEmails(
  tx: Tx,
  workspaceId: string,
  state: TrialCheckedState,
  at: Date,
): Promise<void> {
  const to = await findBillingEmail(tx, workspaceId);
  // A deleted user gets no more emails.
  if (to === null) return;
  const facts = {
    ...state,
    awaitingConfirmation: await findAwaitingConfirmation(state),
    refunds: await findRefunds(tx, workspaceId, state),
  };
  for (const { uniqueKey, write } of emailsDue(facts, at))
    await queueEmail(tx, { to, template: (_data, locale) => write(locale), uniqueKey, data: undefined });
}

/** Returns the ids of attempted invoices that wait for the bank's confirmation. */
async function findAwaitingConfirmation({ invoices }: TrialCheckedState): Promise<ReadonlySet<string>> {
  const attempted = invoices.filter(
    ({ status, attemptCount, subscriptionId }) =>
      status === "open" && attemptCount > 0 && subscriptionId !== null,
  );
  const awaiting = new Set<string>();
  for (const { id } of attempted) if ((await readPayment(id)).needsAction) awaiting.add(id);
  return awaiting;
}

/** Returns the refunds without an email so far. Stripe is asked only about those. */
async function findRefunds(tx: Tx, workspaceId: string, state: TrialCheckedState): Promise<Refund[]> {
  const refunded = state.charges.filter(({ refundedCents }) => refundedCents > 0);
  const announced = await readQueuedKeys(
    tx,
    refunded.map(({ id, refundedCents }) => refundKey(id, refundedCents)),
  );
  const unannounced = refunded.filter(
    ({ id, refundedCents }) => !announced.has(refundKey(id, refundedCents)),
  );
  const refunds: Refund[] = [];
  for (const { id: chargeId, amountCents: paidCents, refundedCents, invoiceId } of unannounced) {
    const at = await findLastRefundAt(chargeId);
    if (at === null) continue;
    const takenBackMicros = await readTakenBack(tx, workspaceId, state, chargeId);
    const currency = state.invoices.find(({ id }) => id === invoiceId)?.currency ?? "usd";
    refunds.push({ chargeId, paidCents, refundedCents, currency, at, takenBackMicros });
  }
  return refunds;
}

async function readQueuedKeys(tx: Tx, keys: string[]): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const rows = await tx
    .select({ key: outgoingMail.uniqueKey })
    .from(outgoingMail)
    .where(inArray(outgoingMail.uniqueKey, keys));
  return new Set(rows.map(({ key }) => key));
}

/** Returns how much of a payment's credit is clawed back by now, in micro-USD. */
async function readTakenBack(
  tx: Tx,
  workspaceId: string,
  state: TrialCheckedState,
  chargeId: string,
): Promise<number> {
  const charge = state.charges.find(({ id }) => id === chargeId);
  const keys = charge === undefined ? [] : grantsPaidBy(charge, state);
  if (keys.length === 0) return 0;
  const rows = await tx
    .select({ micros: grants.takenBackMicros })
    .from(grants)
    .where(and(eq(grants.workspaceId, workspaceId), inArray(grants.sourceKey, keys)));
  return rows.reduce((sum, { micros }) => sum + micros, 0);
}
