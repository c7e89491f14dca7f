import { db, type Tx } from "#db/client.ts";
import { nextAllowanceAt } from "#lib/billing/credit/allowance.ts";
import { applyCredit } from "#lib/billing/credit/apply-credit.ts";
import { applyOverage } from "#lib/billing/credit/overage-window.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { findWorkspaceOfCustomer, isFormerCustomer } from "#lib/billing/customer/customers.ts";
import { isRunning } from "#lib/billing/customer/subscription-statuses.ts";
import { nextEmailAt } from "#lib/billing/emails/emails-due.ts";
import { queueBillingEmails } from "#lib/billing/emails/queue-billing-emails.ts";
import { enforceTrialLimits } from "#lib/billing/sync/enforce-trial-limits.ts";
import { fetchCustomer } from "#lib/billing/sync/fetch-customer.ts";
import { restoreScheduledChanges } from "#lib/billing/sync/scheduled-changes.ts";
import { syncDefaultCard, syncScheduledCards } from "#lib/billing/sync/sync-default-card.ts";
import { syncLocale } from "#lib/billing/sync/sync-locale.ts";
import { recordUndecided } from "#lib/billing/sync/undecided-facts.ts";
import { writeCharges } from "#lib/billing/sync/write-charges.ts";
import { writeCustomer } from "#lib/billing/sync/write-customer.ts";
import { writeInvoiceLines } from "#lib/billing/sync/write-invoice-lines.ts";
import { writePaymentDetails } from "#lib/billing/sync/write-payment-details.ts";
import { now } from "#lib/core/clock.ts";
import { addToEvent } from "#lib/core/log.ts";
import { traced } from "#lib/core/observability/tracing.ts";
import { enqueue } from "#lib/core/queue.ts";
import { singleton } from "#lib/core/singleton.ts";
import { expireCheckoutSession } from "#lib/gateways/stripe/checkout-sessions.ts";

/** Syncs that wait for their customer's lock, by customer id. */
const waiting = () => singleton("billing.waiting", () => new Map<string, Promise<void>>());

/**
 * Writes a Stripe customer's whole state to our tables: subscriptions, invoices, Checkout sessions and the
 * credit that was paid for. The result depends only on Stripe's state, not on which events arrived in which
 * order. Concurrent calls for the same customer share one sync. A customer that no workspace has is skipped.
 * @throws AppError billing_unavailable; then nothing has changed and the call can be repeated
 */
export const syncCustomer = traced("billing.syncCustomer", async (customerId: string): Promise<void> => {
  const alreadyWaiting = waiting().get(customerId);
  if (alreadyWaiting !== undefined) return alreadyWaiting;
  const sync = runSync(customerId).finally(() => {
    if (waiting().get(customerId) === sync) waiting().delete(customerId);
  });
  waiting().set(customerId, sync);
  return sync;
});

async function runSync(customerId: string): Promise<void> {
  const workspaceId = await findWorkspaceOfCustomer(db(), customerId);
  if (workspaceId === null) {
    addToEvent({ unknownCustomer: customerId });
    return;
  }
  addToEvent({ workspaceId });
  await withCustomerLock(workspaceId, async (tx) => {
    // This sync does not see changes from here on, so later callers need their own.
    waiting().delete(customerId);
    const current = await fetchAndRepair(tx, workspaceId, customerId);
    await applyCustomerState(tx, workspaceId, current, now());
  });
}

/**
 * Fetches a customer and applies pending card choices and scheduled changes. Fetches again only if that
 * changed Stripe's state.
 */
async function fetchAndRepair(tx: Tx, workspaceId: string, customerId: string): Promise<CustomerState> {
  const fetched = await fetchCustomer(customerId);
  const changedCard = await syncDefaultCard(tx, workspaceId, fetched, now());
  const changedSchedule = await restoreScheduledChanges(fetched);
  const current = changedCard || changedSchedule ? await fetchCustomer(customerId) : fetched;
  await syncScheduledCards(current);
  await syncLocale(tx, workspaceId, current);
  return closeStaleCheckouts(current);
}

/**
 * Expires open Checkout pages for a plan once a subscription runs, so that nobody pays for two. A page that
 * can no longer be expired has just been paid; the sync of its event sees both subscriptions.
 */
async function closeStaleCheckouts(state: CustomerState): Promise<CustomerState> {
  const stale = state.sessions.filter(({ mode, status }) => mode === "subscription" && status === "open");
  if (!state.subscriptions.some(isRunning) || stale.length === 0) return state;
  const expired = new Set<string>();
  for (const { id } of stale) if (await expireCheckoutSession(id)) expired.add(id);
  const sessions = state.sessions.map((session) =>
    expired.has(session.id) ? { ...session, status: "expired" as const, url: null } : session,
  );
  return { ...state, sessions };
}

/**
 * Fetches a customer and writes its state after we changed something at Stripe. Under the lock that the
 * caller holds.
 * @throws AppError billing_unavailable
 */
export async function refreshCustomer(
  tx: Tx,
  workspaceId: string,
  customerId: string,
  at: Date,
): Promise<void> {
  const fetched = await fetchCustomer(customerId);
  const current = (await restoreScheduledChanges(fetched)) ? await fetchCustomer(customerId) : fetched;
  await applyCustomerState(tx, workspaceId, await closeStaleCheckouts(current), at);
}

/**
 * Writes a customer's state to our tables. The state must have been fetched under the lock that the caller
 * holds.
 */
export async function applyCustomerState(
  tx: Tx,
  workspaceId: string,
  fetched: CustomerState,
  at: Date,
): Promise<void> {
  const state = await enforceTrialLimits(tx, workspaceId, fetched);
  const isFormer = await isFormerCustomer(tx, state.customerId);
  await writeCustomer(tx, workspaceId, state, { isFormer, at });
  await writePaymentDetails(tx, state);
  await writeInvoiceLines(tx, workspaceId, state);
  await writeCharges(tx, workspaceId, state, at);
  const granted = await applyCredit(tx, workspaceId, state, at);
  if (!isFormer) await applyOverage(tx, workspaceId, state, at);
  await queueBillingEmails(tx, workspaceId, state, at);
  await scheduleSync(tx, state, nextAllowanceAt(state.subscriptions, at));
  await scheduleSync(tx, state, nextEmailAt(state, at));
  await recordUndecided(tx, workspaceId, state, at);
  addToEvent({ granted, subscriptions: state.subscriptions.length });
}

/**
 * Schedules a sync for a moment without an event: Stripe sends none for the later months of a yearly plan
 * (M10), and the email about a trial's end must not depend on one (M11).
 */
async function scheduleSync(tx: Tx, { customerId }: CustomerState, startAfter: Date | null): Promise<void> {
  if (startAfter === null) return;
  const uniqueKey = `${customerId}:${startAfter.toISOString()}`;
  await enqueue(tx, "billing.sync", { customerId }, { uniqueKey, startAfter });
}
