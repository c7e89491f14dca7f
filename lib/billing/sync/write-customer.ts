import { and, eq, inArray, lt, ne, notInArray, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  billingCustomers,
  checkoutSessions,
  invoices,
  subscriptionItems,
  subscriptions,
} from "#db/schema/billing.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { endSubscriptions } from "#lib/billing/customer/customers.ts";
import { pastDueSince } from "#lib/billing/customer/past-due.ts";
import { isOurPrice } from "#lib/billing/customer/plan-subscriptions.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";
import type { StripeCheckoutSession, StripeSubscription } from "#lib/gateways/stripe/objects.ts";

/**
 * Overwrites all rows of a customer with Stripe's state, so that the result does not depend on their previous
 * values.
 * @param isFormer whether the customer was replaced, so that its Checkouts are not the workspace's any more
 */
export async function writeCustomer(
  tx: Tx,
  workspaceId: string,
  state: CustomerState,
  { isFormer, at }: { isFormer: boolean; at: Date },
): Promise<void> {
  if (state.foreignInvoiceIds.length > 0)
    await tx
      .delete(invoices)
      .where(and(eq(invoices.workspaceId, workspaceId), inArray(invoices.id, state.foreignInvoiceIds)));
  for (const invoice of state.invoices) await writeInvoice(tx, workspaceId, invoice, at);
  for (const subscription of [...state.subscriptions, ...state.otherSubscriptions])
    await writeSubscription(tx, workspaceId, subscription, state, at);
  if (!isFormer) await writeSessions(tx, workspaceId, state.sessions, at);
  if (state.deleted) await endSubscriptions(tx, state.customerId, at);
  if (state.deleted && !isFormer) await expireSessions(tx, workspaceId);
  const deletedAt = sql`coalesce(${billingCustomers.deletedAt}, ${at.toISOString()}::timestamptz)`;
  await tx
    .update(billingCustomers)
    .set({ syncedAt: at, ...(state.deleted && { deletedAt }) })
    .where(eq(billingCustomers.stripeCustomerId, state.customerId));
}

async function writeSubscription(
  tx: Tx,
  workspaceId: string,
  subscription: StripeSubscription,
  state: CustomerState,
  at: Date,
): Promise<void> {
  const {
    items,
    trialStartedAt: _trial,
    soldAsTrial: _sold,
    scheduleId: _schedule,
    suspendedChange: _change,
    card: _card,
    discounts: _discounts,
    id,
    customerId: stripeCustomerId,
    ...facts
  } = subscription;
  const next = state.scheduled.get(id);
  const hasPlan = next !== undefined && next.lookupKey !== null;
  const row = {
    ...facts,
    stripeCustomerId,
    scheduledLookupKey: hasPlan ? next.lookupKey : null,
    scheduledAt: hasPlan ? next.startsAt : null,
    nextPaymentCents: state.nextPayments.get(id) ?? null,
    workspaceId,
    pastDueSince: pastDueSince(subscription, state.invoices),
    syncedAt: at,
  };
  await tx
    .insert(subscriptions)
    .values({ id, ...row })
    .onConflictDoUpdate({ target: subscriptions.id, set: row });
  for (const { id: itemId, price, quantity, periodStart, periodEnd } of items) {
    const { id: priceId, lookupKey, unitAmountCents, currency, interval } = price;
    const priced = { priceId, lookupKey, unitAmountCents, currency, interval };
    const productName = isOurPrice(lookupKey) ? null : (state.productNames.get(price.productId) ?? null);
    const item = { subscriptionId: id, ...priced, productName, quantity, periodStart, periodEnd };
    await tx
      .insert(subscriptionItems)
      .values({ id: itemId, ...item })
      .onConflictDoUpdate({ target: subscriptionItems.id, set: item });
  }
  const ids = items.map((item) => item.id);
  await tx
    .delete(subscriptionItems)
    .where(
      and(
        eq(subscriptionItems.subscriptionId, id),
        ids.length === 0 ? undefined : notInArray(subscriptionItems.id, ids),
      ),
    );
}

async function writeInvoice(tx: Tx, workspaceId: string, invoice: StripeInvoice, at: Date): Promise<void> {
  const {
    lines: _lines,
    hasMoreLines: _more,
    paymentIntentIds: _intents,
    hasCreditNotes: _hasNotes,
    creditNotes: _notes,
    finalizedAt: _finalized,
    id,
    ...facts
  } = invoice;
  const row = { ...facts, workspaceId, syncedAt: at };
  await tx
    .insert(invoices)
    .values({ id, ...row })
    .onConflictDoUpdate({ target: invoices.id, set: row });
}

/**
 * Writes a customer's Checkout sessions, newest first. Sessions that are no longer open at Stripe are closed
 * first, because a unique index allows one open subscription Checkout per workspace. A second open session
 * did not come from us; the next Checkout expires it.
 */
export async function writeSessions(
  tx: Tx,
  workspaceId: string,
  sessions: StripeCheckoutSession[],
  at: Date,
): Promise<void> {
  const open = sessions.find((session) => session.status === "open" && session.mode === "subscription");
  await tx
    .update(checkoutSessions)
    .set({ status: "expired", url: null })
    .where(
      and(
        eq(checkoutSessions.workspaceId, workspaceId),
        eq(checkoutSessions.status, "open"),
        eq(checkoutSessions.mode, "subscription"),
        open === undefined ? lt(checkoutSessions.expiresAt, at) : ne(checkoutSessions.id, open.id),
      ),
    );
  for (const session of sessions) {
    const isExtra = session.status === "open" && session.mode === "subscription" && session !== open;
    if (!isExtra) await writeSession(tx, workspaceId, session);
  }
}

/** Writes one Checkout session. Sessions of other modes (a saved card) are not stored. */
async function writeSession(tx: Tx, workspaceId: string, session: StripeCheckoutSession): Promise<void> {
  const { id, mode, status, url, createdAt, expiresAt } = session;
  if (mode !== "subscription" && mode !== "payment") return;
  const lookupKey = session.lookupKey ?? "unknown";
  await tx
    .insert(checkoutSessions)
    .values({ id, workspaceId, mode, lookupKey, status, url, createdAt, expiresAt })
    .onConflictDoUpdate({ target: checkoutSessions.id, set: { status, url } });
}

/** Marks a workspace's open Checkouts as expired: nothing can be sold to a deleted customer. */
async function expireSessions(tx: Tx, workspaceId: string): Promise<void> {
  await tx
    .update(checkoutSessions)
    .set({ status: "expired", url: null })
    .where(and(eq(checkoutSessions.workspaceId, workspaceId), eq(checkoutSessions.status, "open")));
}
