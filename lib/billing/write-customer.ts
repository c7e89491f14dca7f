import { and, eq, inArray, isNull, lt, ne, notInArray, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import {
  billingCustomers,
  checkoutSessions,
  invoices,
  subscriptionItems,
  subscriptions,
} from "#db/schema/billing.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";
import { pastDueSince } from "#lib/billing/past-due.ts";
import type {
  StripeCheckoutSession,
  StripeInvoice,
  StripeSubscription,
} from "#lib/gateways/stripe-objects.ts";

/** Brings our rows to what Stripe said, all of them, so that nothing depends on what they were before. */
export async function writeCustomer(
  tx: Tx,
  workspaceId: string,
  state: CustomerState,
  at: Date,
): Promise<void> {
  for (const invoice of state.invoices) await writeInvoice(tx, workspaceId, invoice, at);
  for (const subscription of state.subscriptions)
    await writeSubscription(tx, workspaceId, subscription, state, at);
  await writeSessions(tx, workspaceId, state.sessions, at);
  if (state.deleted) await endEverything(tx, workspaceId, at);
  await tx
    .update(billingCustomers)
    .set({ syncedAt: at, ...(state.deleted && { deletedAt: at }) })
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
    storeNote: _note,
    card: _card,
    discounts: _discounts,
    id,
    ...facts
  } = subscription;
  const next = state.scheduled.get(id);
  const isOurs = next !== undefined && next.lookupKey !== null;
  const row = {
    ...facts,
    scheduledLookupKey: isOurs ? next.lookupKey : null,
    scheduledAt: isOurs ? next.startsAt : null,
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
    const item = { subscriptionId: id, ...priced, quantity, periodStart, periodEnd };
    await tx
      .insert(subscriptionItems)
      .values({ id: itemId, ...item })
      .onConflictDoUpdate({ target: subscriptionItems.id, set: item });
  }
  const left = items.map((item) => item.id);
  await tx
    .delete(subscriptionItems)
    .where(
      and(
        eq(subscriptionItems.subscriptionId, id),
        left.length === 0 ? undefined : notInArray(subscriptionItems.id, left),
      ),
    );
}

async function writeInvoice(tx: Tx, workspaceId: string, invoice: StripeInvoice, at: Date): Promise<void> {
  const {
    lines: _lines,
    hasMoreLines: _more,
    paymentIntentIds: _intents,
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
 * Notes a customer's Checkout sessions, newest first. What is open here and no more at Stripe is closed first, so that the
 * one place for an open subscription Checkout is free. A second open one cannot come from us; the next Checkout that is
 * started expires it.
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
    const isSurplus = session.status === "open" && session.mode === "subscription" && session !== open;
    if (!isSurplus) await writeSession(tx, workspaceId, session);
  }
}

/** Notes a Checkout session as Stripe has it. Sessions of other modes (a card for later) are not kept. */
async function writeSession(tx: Tx, workspaceId: string, session: StripeCheckoutSession): Promise<void> {
  const { id, mode, status, url, createdAt, expiresAt } = session;
  if (mode !== "subscription" && mode !== "payment") return;
  const lookupKey = session.lookupKey ?? "unknown";
  await tx
    .insert(checkoutSessions)
    .values({ id, workspaceId, mode, lookupKey, status, url, createdAt, expiresAt })
    .onConflictDoUpdate({ target: checkoutSessions.id, set: { status, url } });
}

/** Stripe ends a customer's subscriptions when it deletes the customer, and then lists them no more. */
async function endEverything(tx: Tx, workspaceId: string, at: Date): Promise<void> {
  await tx
    .update(subscriptions)
    .set({
      status: "canceled",
      endedAt: at,
      canceledAt: sql`coalesce(${subscriptions.canceledAt}, ${at.toISOString()}::timestamptz)`,
    })
    .where(and(eq(subscriptions.workspaceId, workspaceId), isNull(subscriptions.endedAt)));
  await tx
    .update(checkoutSessions)
    .set({ status: "expired", url: null })
    .where(and(eq(checkoutSessions.workspaceId, workspaceId), inArray(checkoutSessions.status, ["open"])));
}
