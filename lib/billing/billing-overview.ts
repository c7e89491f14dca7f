import { and, eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { subscriptionItems, subscriptions } from "#db/schema/billing.ts";
import { findCustomerOf } from "#lib/billing/customers.ts";
import { type Entitlements, endingOf, entitlementsOf } from "#lib/billing/entitlements.ts";
import { type InvoiceView, readInvoices, viewInvoices } from "#lib/billing/invoice-views.ts";
import { type MonthCredit, monthCreditOf } from "#lib/billing/month-credit.ts";
import { isPlanItem, readSubscription, type SubscriptionState } from "#lib/billing/read.ts";
import { readTrialStanding, type TrialStanding } from "#lib/billing/trial-standing.ts";
import { fromCents } from "#lib/ground/money.ts";
import { readBalance } from "#lib/usage/balance.ts";

/** What /billing shows. */
export type BillingOverview = {
  entitlements: Entitlements;
  subscription: {
    id: string;
    status: string;
    lookupKey: string | null;
    priceMicros: number | null;
    interval: string | null;
    periodEndsAt: Date | null;
    /** Set when an end is announced. */
    endsAt: Date | null;
  } | null;
  /** What is collected next, before tax and use beyond credit; null when nothing will be. */
  nextPayment: { at: Date; micros: number } | null;
  /** What takes over with the next period. */
  scheduledChange: { lookupKey: string; at: Date } | null;
  /** A change that waits for its payment, and where that is confirmed. */
  pendingChange: { invoiceId: string; micros: number; payUrl: string | null; until: Date } | null;
  /** An invoice that could not be collected, and how to pay it. */
  problem: {
    invoiceId: string;
    micros: number;
    payUrl: string | null;
    nextAttemptAt: Date | null;
    accessUntil: Date | null;
  } | null;
  credit: MonthCredit;
  hasCustomer: boolean;
  trial: TrialStanding;
  invoices: InvoiceView[];
};

/** Everything about a workspace's plan and payments, from our own rows alone: Stripe is not asked. */
export async function readBilling(
  tx: Tx,
  workspace: { workspaceId: string; workspaceCreatedAt: Date },
  at: Date,
): Promise<BillingOverview> {
  const { workspaceId, workspaceCreatedAt } = workspace;
  const [state, customerId, balance, rows, trial] = await Promise.all([
    readSubscription(tx, workspaceId),
    findCustomerOf(tx, workspaceId),
    readBalance(tx, workspaceId, at),
    readInvoices(tx, workspaceId),
    readTrialStanding(tx, workspaceId),
  ]);
  const entitlements = entitlementsOf(state, at);
  const subscription = state === null || hasEnded(state, at) ? null : await viewOf(tx, state);
  const waiting = await readWaiting(tx, subscription?.id);
  const isWaitedFor = (id: string) => waiting.pendingUntil !== null && id === waiting.latestInvoiceId;
  const pending = rows.find(({ id, status }) => status === "open" && isWaitedFor(id));
  const owed = rows.find(
    ({ id, status, attemptCount }) => status === "open" && attemptCount > 0 && !isWaitedFor(id),
  );
  const { pendingUntil, scheduledChange } = waiting;
  return {
    entitlements,
    subscription,
    nextPayment: nextPaymentOf(subscription, waiting),
    scheduledChange,
    pendingChange:
      pending === undefined || pendingUntil === null
        ? null
        : {
            invoiceId: pending.id,
            micros: fromCents(pending.amountDueCents - pending.amountPaidCents),
            payUrl: pending.hostedUrl,
            until: pendingUntil,
          },
    problem:
      owed === undefined
        ? null
        : {
            invoiceId: owed.id,
            micros: fromCents(owed.amountDueCents - owed.amountPaidCents),
            payUrl: owed.hostedUrl,
            nextAttemptAt: owed.nextPaymentAttemptAt,
            accessUntil: entitlements.source === "grace" ? entitlements.endsAt : null,
          },
    credit: monthCreditOf(balance, entitlements, workspaceCreatedAt, at),
    hasCustomer: customerId !== null,
    trial,
    invoices: await viewInvoices(tx, workspaceId, rows),
  };
}

/** One whose announced end has come has ended, also while Stripe's word of it is on its way. */
function hasEnded(state: SubscriptionState, at: Date): boolean {
  const endsAtMs = endingOf(state);
  if (endsAtMs !== null && endsAtMs <= at.getTime()) return true;
  return state.status === "canceled" || state.status === "incomplete_expired";
}

async function viewOf(tx: Tx, state: SubscriptionState): Promise<BillingOverview["subscription"]> {
  const [item] = await tx
    .select({
      unitAmountCents: subscriptionItems.unitAmountCents,
      quantity: subscriptionItems.quantity,
      interval: subscriptionItems.interval,
    })
    .from(subscriptionItems)
    .where(and(eq(subscriptionItems.subscriptionId, state.id), isPlanItem(subscriptionItems.lookupKey)))
    .orderBy(subscriptionItems.lookupKey, subscriptionItems.id)
    .limit(1);
  const endsAtMs = endingOf(state);
  return {
    id: state.id,
    status: state.status,
    lookupKey: state.lookupKey,
    priceMicros:
      item === undefined || item.unitAmountCents === null
        ? null
        : fromCents(item.unitAmountCents * item.quantity),
    interval: item?.interval ?? null,
    periodEndsAt: state.periodEndMs === null ? null : new Date(state.periodEndMs),
    endsAt: endsAtMs === null ? null : new Date(endsAtMs),
  };
}

/** The changes of a subscription that have not come yet. */
async function readWaiting(tx: Tx, subscriptionId: string | undefined) {
  const [row] =
    subscriptionId === undefined
      ? []
      : await tx.select().from(subscriptions).where(eq(subscriptions.id, subscriptionId));
  const { scheduledLookupKey: lookupKey = null, scheduledAt: at = null } = row ?? {};
  const scheduledChange = lookupKey === null || at === null ? null : { lookupKey, at };
  return {
    pendingUntil: row?.pendingUntil ?? null,
    latestInvoiceId: row?.latestInvoiceId ?? null,
    scheduledChange,
    nextPaymentCents: row?.nextPaymentCents ?? null,
  };
}

function nextPaymentOf(
  subscription: BillingOverview["subscription"],
  { nextPaymentCents }: { nextPaymentCents: number | null },
): BillingOverview["nextPayment"] {
  if (subscription === null || subscription.endsAt !== null) return null;
  const { status, periodEndsAt } = subscription;
  if (periodEndsAt === null || nextPaymentCents === null) return null;
  const isRunning = status === "active" || status === "trialing";
  return isRunning ? { at: periodEndsAt, micros: fromCents(nextPaymentCents) } : null;
}
