import { eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { subscriptionItems, subscriptions } from "#db/schema/billing.ts";
import { findMainItem } from "#lib/billing/customer/current-subscription.ts";
import { findCustomerId } from "#lib/billing/customer/customers.ts";
import { isOngoing, isRenewing } from "#lib/billing/customer/subscription-statuses.ts";
import { type CreditSummary, summarizeCredit } from "#lib/billing/entitlements/credit-summary.ts";
import {
  cancellationMsOf,
  type Entitlements,
  entitlementsOf,
} from "#lib/billing/entitlements/entitlements.ts";
import { readSubscription, type SubscriptionState } from "#lib/billing/entitlements/subscription-state.ts";
import {
  readTrialAvailability,
  type TrialAvailability,
} from "#lib/billing/entitlements/trial-availability.ts";
import { type InvoiceView, readInvoices, viewInvoices } from "#lib/billing/reports/invoice-views.ts";
import { fromCents } from "#lib/core/money.ts";
import { type Balance, readBalance } from "#lib/usage/balance.ts";

/** The data of the billing page. */
export type BillingOverview = {
  entitlements: Entitlements;
  subscription: {
    id: string;
    status: string;
    lookupKey: string | null;
    priceMicros: number | null;
    interval: string | null;
    periodEndsAt: Date | null;
    /** When the cancellation takes effect; null without one. */
    endsAt: Date | null;
  } | null;
  /** The next payment, before tax and overage; null when none is due. */
  nextPayment: { at: Date; micros: number } | null;
  /** The change that takes effect with the next period. */
  scheduledChange: { lookupKey: string; at: Date } | null;
  /** A change that waits for its payment, and the page that confirms it. */
  pendingChange: { invoiceId: string; micros: number; payUrl: string | null; until: Date } | null;
  /** An invoice whose payment failed, and how to pay it. */
  problem: {
    invoiceId: string;
    micros: number;
    payUrl: string | null;
    nextAttemptAt: Date | null;
    accessUntil: Date | null;
  } | null;
  credit: CreditSummary;
  hasCustomer: boolean;
  trial: TrialAvailability;
  invoices: InvoiceView[];
};

/** A workspace, and facts of this moment that the caller may have read before; undefined facts are read. */
type OverviewInput = {
  workspaceId: string;
  workspaceCreatedAt: Date;
  subscription?: SubscriptionState | null;
  balance?: Balance;
};

/** Reads a workspace's plan and payments from our own tables, without asking Stripe. */
export async function readBillingOverview(
  tx: Tx,
  workspace: OverviewInput,
  at: Date,
): Promise<BillingOverview> {
  const { workspaceId, workspaceCreatedAt } = workspace;
  const [state, balance] = await Promise.all([
    workspace.subscription === undefined ? readSubscription(tx, workspaceId) : workspace.subscription,
    workspace.balance ?? readBalance(tx, workspaceId, at),
  ]);
  const current = state === null || hasEnded(state, at) ? null : state;
  const [customerId, rows, trial, details] = await Promise.all([
    findCustomerId(tx, workspaceId),
    readInvoices(tx, workspaceId),
    readTrialAvailability(tx, workspaceId, state),
    current === null ? null : readDetails(tx, current.id),
  ]);
  const entitlements = entitlementsOf(state, at);
  const subscription = current === null ? null : toView(current, details);
  const { pendingUntil, scheduledChange } = details ?? { pendingUntil: null, scheduledChange: null };
  const isPendingInvoice = (id: string) => pendingUntil !== null && id === details?.latestInvoiceId;
  const pending = rows.find(({ id, status }) => status === "open" && isPendingInvoice(id));
  const owed = rows.find(
    ({ id, status, attemptCount }) => status === "open" && attemptCount > 0 && !isPendingInvoice(id),
  );
  return {
    entitlements,
    subscription,
    nextPayment: nextPaymentOf(subscription, details?.nextPaymentCents ?? null),
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
    credit: summarizeCredit(balance, entitlements, workspaceCreatedAt, at),
    hasCustomer: customerId !== null,
    trial,
    invoices: await viewInvoices(tx, workspaceId, rows),
  };
}

/**
 * Whether a subscription has ended: by its status, or because its cancellation is due and the event is late.
 */
function hasEnded(state: SubscriptionState, at: Date): boolean {
  const endsAtMs = cancellationMsOf(state);
  if (endsAtMs !== null && endsAtMs <= at.getTime()) return true;
  return !isOngoing(state);
}

type Details = NonNullable<Awaited<ReturnType<typeof readDetails>>>;

function toView(state: SubscriptionState, details: Details | null): BillingOverview["subscription"] {
  const endsAtMs = cancellationMsOf(state);
  return {
    id: state.id,
    status: state.status,
    lookupKey: state.lookupKey,
    priceMicros: details?.priceMicros ?? null,
    interval: details?.interval ?? null,
    periodEndsAt: state.periodEndMs === null ? null : new Date(state.periodEndMs),
    endsAt: endsAtMs === null ? null : new Date(endsAtMs),
  };
}

/** Reads what only this page needs of a subscription: its price and its coming changes. */
async function readDetails(tx: Tx, subscriptionId: string) {
  const rows = await tx
    .select({ subscription: subscriptions, item: subscriptionItems })
    .from(subscriptions)
    .leftJoin(subscriptionItems, eq(subscriptionItems.subscriptionId, subscriptions.id))
    .where(eq(subscriptions.id, subscriptionId));
  const row = rows[0]?.subscription;
  if (row === undefined) return null;
  const item = findMainItem(rows.map((joined) => joined.item).filter((found) => found !== null));
  const cents = item?.unitAmountCents ?? null;
  const { scheduledLookupKey: lookupKey, scheduledAt: at } = row;
  return {
    priceMicros: item === undefined || cents === null ? null : fromCents(cents * item.quantity),
    interval: item?.interval ?? null,
    pendingUntil: row.pendingUntil,
    latestInvoiceId: row.latestInvoiceId,
    scheduledChange: lookupKey === null || at === null ? null : { lookupKey, at },
    nextPaymentCents: row.nextPaymentCents,
  };
}

function nextPaymentOf(
  subscription: BillingOverview["subscription"],
  nextPaymentCents: number | null,
): BillingOverview["nextPayment"] {
  if (subscription === null || subscription.endsAt !== null) return null;
  const { periodEndsAt } = subscription;
  if (periodEndsAt === null || nextPaymentCents === null || !isRenewing(subscription)) return null;
  return { at: periodEndsAt, micros: fromCents(nextPaymentCents) };
}
