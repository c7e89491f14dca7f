import { db, type Tx } from "#db/client.ts";
import { nextMonthAt } from "#lib/billing/allowance.ts";
import { applyCredit } from "#lib/billing/apply-credit.ts";
import { withCustomerLock } from "#lib/billing/customer-lock.ts";
import { findWorkspaceOf } from "#lib/billing/customers.ts";
import { type CustomerState, fetchCustomer } from "#lib/billing/fetch-customer.ts";
import { queueBillingLetters } from "#lib/billing/letters.ts";
import { nextLetterAt } from "#lib/billing/letters-due.ts";
import { applyOverage } from "#lib/billing/overage.ts";
import { settleCard, settleScheduledCards } from "#lib/billing/settle-card.ts";
import { settleStores } from "#lib/billing/settle-store.ts";
import { settleTrials } from "#lib/billing/settle-trials.ts";
import { writeCharges } from "#lib/billing/write-charges.ts";
import { writeCustomer } from "#lib/billing/write-customer.ts";
import { writeInvoiceLines } from "#lib/billing/write-invoice-lines.ts";
import { writePaymentDetails } from "#lib/billing/write-payment-details.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { addToEvent } from "#lib/core/log.ts";
import { enqueue } from "#lib/core/queue.ts";
import { singleton } from "#lib/core/singleton.ts";

/** Syncs that wait for their customer's lock: whoever comes while one waits is served by it. */
const waiting = () => singleton("billing.waiting", () => new Map<string, Promise<void>>());

/**
 * Brings everything we hold of a Stripe customer to what Stripe holds: subscriptions, invoices, Checkouts, and the credit
 * that was paid for. Whatever happened, in whatever order it was heard of, or not heard of at all, the end is the same.
 * A customer that is not ours is left alone.
 * @throws AppError billing_unavailable; then nothing has changed and it may be called again
 */
export async function syncCustomer(customerId: string): Promise<void> {
  const alreadyWaiting = waiting().get(customerId);
  if (alreadyWaiting !== undefined) return alreadyWaiting;
  const sync = runSync(customerId).finally(() => {
    if (waiting().get(customerId) === sync) waiting().delete(customerId);
  });
  waiting().set(customerId, sync);
  return sync;
}

async function runSync(customerId: string): Promise<void> {
  const workspaceId = await findWorkspaceOf(db(), customerId);
  if (workspaceId === null) {
    addToEvent({ strangerCustomer: customerId });
    return;
  }
  addToEvent({ workspaceId });
  const state = await withCustomerLock(workspaceId, async (tx) => {
    // What happens from here on is not seen by this sync; the next caller needs one of their own.
    waiting().delete(customerId);
    let fetched = await fetchCustomer(customerId);
    if (await settleCard(tx, workspaceId, fetched, now())) fetched = await fetchCustomer(customerId);
    if (await settleStores(fetched)) fetched = await fetchCustomer(customerId);
    await settleScheduledCards(fetched);
    await applyCustomer(tx, workspaceId, fetched, now());
    return fetched;
  });
  await watchForDoubles(state);
}

/**
 * Brings our rows to what Stripe holds after we changed something there. Under the lock that the caller still holds.
 * @throws AppError billing_unavailable
 */
export async function refreshCustomer(
  tx: Tx,
  workspaceId: string,
  customerId: string,
  at: Date,
): Promise<void> {
  const fetched = await fetchCustomer(customerId);
  const settled = (await settleStores(fetched)) ? await fetchCustomer(customerId) : fetched;
  await applyCustomer(tx, workspaceId, settled, at);
}

/** Writes a state that was fetched under the lock that the caller still holds. */
export async function applyCustomer(
  tx: Tx,
  workspaceId: string,
  fetched: CustomerState,
  at: Date,
): Promise<void> {
  const state = await settleTrials(tx, workspaceId, fetched);
  await writeCustomer(tx, workspaceId, state, at);
  await writePaymentDetails(tx, workspaceId, state);
  await writeInvoiceLines(tx, workspaceId, state);
  await writeCharges(tx, workspaceId, state, at);
  const granted = await applyCredit(tx, workspaceId, state, at);
  await applyOverage(tx, workspaceId, state, at);
  await queueBillingLetters(tx, workspaceId, state, at);
  await planSync(tx, state, nextMonthAt(state.subscriptions, at));
  await planSync(tx, state, nextLetterAt(state, at));
  addToEvent({ granted, subscriptions: state.subscriptions.length });
}

/**
 * A yearly plan's later months begin without an event from Stripe (M10), and a trial's last days are written about whether or
 * not one comes (M11): a sync is planned for the moment.
 */
async function planSync(tx: Tx, { customerId }: CustomerState, startAfter: Date | null): Promise<void> {
  if (startAfter === null) return;
  const uniqueKey = `${customerId}:${startAfter.toISOString()}`;
  await enqueue(tx, "billing.sync", { customerId }, { uniqueKey, startAfter });
}

/** Two running subscriptions mean that somebody pays twice; Checkout prevents it, a hand on the dashboard can do it. */
async function watchForDoubles({ customerId, subscriptions }: CustomerState): Promise<void> {
  const running = subscriptions.filter(({ status }) => ["active", "trialing", "past_due"].includes(status));
  if (running.length < 2) return;
  await raiseAlert({
    key: `billing.double:${customerId}`,
    title: "A customer has two running subscriptions",
    detail: `Customer ${customerId} pays for ${running.map(({ id }) => id).join(" and ")}. Cancel and refund one.`,
  });
}
