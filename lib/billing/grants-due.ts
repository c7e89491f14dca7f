import { allowanceKey, allowancesDue, boughtTime, type PaidFor } from "#lib/billing/allowance.ts";
import { graceMs } from "#lib/billing/entitlements.ts";
import { renewalOnItsWay, unpaidInvoiceOf } from "#lib/billing/past-due.ts";
import { findPack } from "#lib/billing/plans.ts";
import { planItemOf } from "#lib/billing/subscription-items.ts";
import { proTrial } from "#lib/billing/trial.ts";
import { addMonths } from "#lib/core/clock.ts";
import type {
  StripeCheckoutSession,
  StripeInvoice,
  StripeSubscription,
} from "#lib/gateways/stripe/objects.ts";
import type { GrantInput } from "#lib/usage/grants.ts";

const topUpMonths = 12;
const dayMs = 86_400_000;
/** How long Stripe leaves a renewal's invoice as a draft. */
const draftMs = 3_600_000;
/** A grace of three days is given what a month of thirty gives in three (M13). */
const graceShare = graceMs / (30 * dayMs);

export type Entitling = PaidFor & { sessions: StripeCheckoutSession[] };

/** A grant, and the grace whose spent part it is given less of (M13). */
export type GrantDue = GrantInput & { graceKey: string | null };

/** A grant that is over before its expiry; without a date, whenever that is. */
export type GrantEnd = { sourceKey: string; endedAt: Date | null };

/**
 * All the credit that a customer's state entitles to now (M10 to M13, M15). Pure, and the same for the same state whatever
 * was granted before: the source keys make each grant happen once.
 */
export function grantsDue(state: Entitling, at: Date): GrantDue[] {
  const allowances = allowancesDue(state, at).map((grant) => ({
    ...grant,
    graceKey: graceKeyFor(grant, state),
  }));
  const others = [
    ...state.subscriptions.map(trialOf),
    ...state.subscriptions.map((subscription) => graceOf(subscription, state)),
    ...state.sessions.map(topUpOf),
  ];
  const due = [
    ...allowances,
    ...others.filter((grant) => grant !== null).map((grant) => ({ ...grant, graceKey: null })),
  ].filter((grant) => grant.expiresAt > at);
  return [...new Map(due.map((grant) => [grant.sourceKey, grant])).values()];
}

/**
 * What ends before its time (M11, M13): a trial's credit with a trial that was given up or paid for early, a grace's once its
 * invoice is neither owed nor on its way any more. What was never given has nothing to be ended, so it comes to the same whether or not it
 * was heard of.
 */
export function grantsEnded({ subscriptions, invoices }: Entitling): GrantEnd[] {
  const trials = subscriptions.flatMap(({ id, status, endedAt, trialEndsAt }) => {
    if (status === "trialing" || trialEndsAt === null) return [];
    const endedEarly = endedAt !== null && endedAt < trialEndsAt;
    return [{ sourceKey: trialKeyOf(id), endedAt: endedEarly ? endedAt : trialEndsAt }];
  });
  const owed = subscriptions.map((subscription) => waitedFor(subscription, invoices)?.id);
  const settled = invoices.filter(({ id, subscriptionId }) => subscriptionId !== null && !owed.includes(id));
  return [...trials, ...settled.map(({ id }) => ({ sourceKey: graceKeyOf(id), endedAt: null }))];
}

/** One trial's credit for a subscription. */
export function trialKeyOf(subscriptionId: string): string {
  return `trial:${subscriptionId}`;
}

/** M11: a trial's credit, which ends with the trial. */
function trialOf({ id, status, trialStartedAt, trialEndsAt }: StripeSubscription): GrantInput | null {
  if (status !== "trialing" || trialStartedAt === null || trialEndsAt === null) return null;
  return {
    kind: "trial",
    amountMicros: proTrial.creditMicros,
    startsAt: trialStartedAt,
    expiresAt: trialEndsAt,
    sourceKey: trialKeyOf(id),
  };
}

/** The invoice that keeps a subscription's month from being given: one that could not be collected, or one that will be tried. */
function waitedFor(subscription: StripeSubscription, invoices: StripeInvoice[]): StripeInvoice | null {
  return unpaidInvoiceOf(subscription, invoices) ?? renewalOnItsWay(subscription, invoices);
}

/**
 * M13: credit to go on with until a renewal is paid: for the hour before Stripe first tries, and for the days in which a failed
 * payment is still mended. It is the same from its first moment to its last, whenever it is heard of.
 */
function graceOf(subscription: StripeSubscription, { invoices }: Entitling): GrantInput | null {
  const invoice = waitedFor(subscription, invoices);
  const plan = planItemOf(subscription.items)?.offer.plan;
  if (invoice === null || plan === undefined) return null;
  const { id, createdAt, billingReason } = invoice;
  const triedAfterMs = billingReason === "subscription_cycle" ? draftMs : 0;
  return {
    kind: "grace",
    amountMicros: Math.floor(plan.allowanceMicros * graceShare),
    startsAt: createdAt,
    expiresAt: new Date(createdAt.getTime() + triedAfterMs + graceMs),
    sourceKey: graceKeyOf(id),
  };
}

/** One grace for an invoice. */
export function graceKeyOf(invoiceId: string): string {
  return `grace:${invoiceId}`;
}

/** The grace that may have gone before an allowance: that of the invoice which paid for it. */
function graceKeyFor({ sourceKey }: GrantInput, state: Entitling): string | null {
  const paid = boughtTime(state).find(
    (bought) => allowanceKey(bought, { startsAt: bought.line.periodStart }) === sourceKey,
  );
  return paid === undefined ? null : graceKeyOf(paid.invoice.id);
}

/** M15: a top-up, once its payment has succeeded, also long after the Checkout. */
function topUpOf(session: StripeCheckoutSession): GrantInput | null {
  const pack = findPack(session.lookupKey);
  const { mode, paymentStatus, paymentIntentId } = session;
  if (pack === undefined || mode !== "payment" || paymentStatus !== "paid" || paymentIntentId === null)
    return null;
  return {
    kind: "top_up",
    amountMicros: pack.creditMicros,
    startsAt: session.createdAt,
    expiresAt: addMonths(session.createdAt, topUpMonths),
    sourceKey: topUpKey(paymentIntentId),
  };
}

/** One top-up for a payment. */
export function topUpKey(paymentIntentId: string): string {
  return `top_up:${paymentIntentId}`;
}
