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
  type FreeCreditTerms,
} from "#lib/billing/entitlements/entitlements.ts";
import { readSubscription, type SubscriptionState } from "#lib/billing/entitlements/subscription-state.ts";
import {
  readTrialAvailability,
  type TrialAvailability,
} from "#lib/billing/entitlements/trial-availability.ts";
import { type CreditWait, creditWaitOf } from "#lib/billing/reports/credit-wait.ts";
import {
  type InvoiceRow,
  type InvoiceView,
  readInvoices,
  viewInvoices,
} from "#lib/billing/reports/invoice-views.ts";
import { type OtherSubscription, readOtherSubscription } from "#lib/billing/reports/other-subscription.ts";
import { fromMinorUnits } from "#lib/core/money.ts";
import { type Balance, readBalance } from "#lib/usage/balance.ts";

/** The data of the billing page. */
export type BillingOverview = {
  entitlements: Entitlements;
  subscription: {
    id: string;
    status: string;
    lookupKey: string | null;
    priceMicros: number | null;
    /** ISO 4217; the amounts of the subscription are millionths of its unit. */
    currency: string;
    interval: string | null;
    periodEndsAt: Date | null;
    /** When the cancellation takes effect; null without one. */
    endsAt: Date | null;
    /** Whether the operator paused the collection of payments, and until when. */
    collectionPause: { resumesAt: Date | null } | null;
    /** Whether Stripe sends invoices to be paid instead of charging the card. */
    sendsInvoices: boolean;
  } | null;
  /** Without a plan: a running subscription whose price is not in our catalog; it entitles to nothing. */
  otherSubscription: OtherSubscription | null;
  /** The next payment in the subscription's currency, before tax and overage; null when none is due. */
  nextPayment: { at: Date; micros: number } | null;
  /** The change that takes effect with the next period. */
  scheduledChange: { lookupKey: string; at: Date } | null;
  /** A change that waits for its payment, and the page that confirms it. */
  pendingChange: {
    invoiceId: string;
    micros: number;
    currency: string;
    payUrl: string | null;
    until: Date;
  } | null;
  /** An invoice whose payment failed, and how to pay it. */
  problem: {
    invoiceId: string;
    micros: number;
    currency: string;
    payUrl: string | null;
    nextAttemptAt: Date | null;
    accessUntil: Date | null;
  } | null;
  credit: CreditSummary;
  /** What the plan's next credit waits for; null while it renews by itself. */
  creditWait: CreditWait;
  hasCustomer: boolean;
  trial: TrialAvailability;
  invoices: InvoiceView[];
};

/** A workspace, and facts of this moment that the caller may have read before; undefined facts are read. */
type OverviewInput = {
  workspaceId: string;
  workspaceCreatedAt: Date;
  freeCredit?: Pick<FreeCreditTerms, "emailConfirmed" | "freeCreditFrom">;
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
  const nextPayment = nextPaymentOf(subscription, details?.nextPaymentCents ?? null);
  const credit = summarizeCredit(balance, entitlements, workspaceCreatedAt, at, workspace.freeCredit);
  const { pendingUntil, scheduledChange } = details ?? { pendingUntil: null, scheduledChange: null };
  const isPendingInvoice = (id: string) => pendingUntil !== null && id === details?.latestInvoiceId;
  const pending = rows.find(({ id, status }) => status === "open" && isPendingInvoice(id));
  const owed = rows.find(
    ({ id, status, attemptCount, dueAt }) =>
      status === "open" && (attemptCount > 0 || (dueAt !== null && dueAt <= at)) && !isPendingInvoice(id),
  );
  return {
    entitlements,
    subscription,
    otherSubscription: current === null ? await readOtherSubscription(tx, workspaceId) : null,
    nextPayment,
    scheduledChange,
    pendingChange:
      pending === undefined || pendingUntil === null
        ? null
        : {
            invoiceId: pending.id,
            micros: openMicrosOf(pending),
            currency: pending.currency,
            payUrl: pending.hostedUrl,
            until: pendingUntil,
          },
    problem:
      owed === undefined
        ? null
        : {
            invoiceId: owed.id,
            micros: openMicrosOf(owed),
            currency: owed.currency,
            payUrl: owed.hostedUrl,
            nextAttemptAt: owed.nextPaymentAttemptAt,
            accessUntil: entitlements.source === "grace" ? entitlements.endsAt : null,
          },
    credit,
    creditWait: creditWaitOf({
      ...{ source: entitlements.source, renewsAt: credit.renewsAt, subscription, nextPayment },
      invoices: rows,
    }),
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

function openMicrosOf({ amountDueCents, amountPaidCents, currency }: InvoiceRow): number {
  return fromMinorUnits(amountDueCents - amountPaidCents, currency);
}

type Details = NonNullable<Awaited<ReturnType<typeof readDetails>>>;

function toView(state: SubscriptionState, details: Details | null): BillingOverview["subscription"] {
  const endsAtMs = cancellationMsOf(state);
  return {
    id: state.id,
    status: state.status,
    lookupKey: state.lookupKey,
    priceMicros: details?.priceMicros ?? null,
    currency: details?.currency ?? "usd",
    interval: details?.interval ?? null,
    periodEndsAt: state.periodEndMs === null ? null : new Date(state.periodEndMs),
    endsAt: endsAtMs === null ? null : new Date(endsAtMs),
    collectionPause: details?.collectionPause ?? null,
    sendsInvoices: details?.sendsInvoices ?? false,
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
    priceMicros:
      item === undefined || cents === null ? null : fromMinorUnits(cents * item.quantity, item.currency),
    currency: item?.currency ?? "usd",
    collectionPause: row.collectionPause === null ? null : { resumesAt: row.collectionResumesAt },
    sendsInvoices: row.collectionMethod === "send_invoice",
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
  const { periodEndsAt, currency, collectionPause } = subscription;
  if (periodEndsAt === null || nextPaymentCents === null || !isRenewing(subscription)) return null;
  // Stripe collects nothing that is due before the pause ends.
  const isPaused =
    collectionPause !== null &&
    (collectionPause.resumesAt === null || collectionPause.resumesAt > periodEndsAt);
  if (isPaused) return null;
  return { at: periodEndsAt, micros: fromMinorUnits(nextPaymentCents, currency) };
}
