import { proTrial } from "#lib/billing/catalog/trial-offer.ts";
import { allowancesDue } from "#lib/billing/credit/allowance.ts";
import type { InvoicedState } from "#lib/billing/credit/paid-lines.ts";
import { planLines } from "#lib/billing/credit/paid-lines.ts";
import { graceSourceKey, trialSourceKey } from "#lib/billing/credit/source-keys.ts";
import { topUpGrants } from "#lib/billing/credit/top-ups.ts";
import { pendingRenewalOf, unpaidInvoiceOf } from "#lib/billing/customer/past-due.ts";
import { planItemOf } from "#lib/billing/customer/subscription-items.ts";
import { graceMs } from "#lib/billing/entitlements/entitlements.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";
import type { StripeCheckoutSession, StripeSubscription } from "#lib/gateways/stripe/objects.ts";
import type { GrantInput } from "#lib/usage/grants.ts";

const dayMs = 86_400_000;
/** How long Stripe keeps a renewal's invoice as a draft. */
const draftMs = 3_600_000;
/** The grace period grants 3/30 of the allowance (M13). */
const graceShare = graceMs / (30 * dayMs);

/** A customer's state, from which grants derive. */
export type CreditState = InvoicedState & {
  sessions: StripeCheckoutSession[];
  /** Those without one of our plans, such as one whose plan an administrator removed. */
  otherSubscriptions: StripeSubscription[];
};

/** A grant, and the source key of the grace grant whose spent part is deducted from it (M13). */
export type GrantDue = GrantInput & { graceKey: string | null };

/** A grant that ends before its expiry. Without a date it ends in any case. */
export type GrantRevocation = { sourceKey: string; endedAt: Date | null };

/**
 * Returns all grants that a customer's state entitles to at a moment (M10 to M13, M15). Pure. It does not
 * depend on earlier grants: the source keys prevent duplicates.
 */
export function grantsDue(state: CreditState, at: Date): GrantDue[] {
  const allowances = allowancesDue(state, at).map(({ graceKey, ...grant }) => ({
    ...toGrantInput(grant),
    graceKey,
  }));
  const others = [
    ...state.subscriptions.map(trialGrant),
    ...state.subscriptions.map((subscription) => graceGrant(subscription, state)),
    ...topUpGrants(state).map(toGrantInput),
  ];
  const due = [
    ...allowances,
    ...others.filter((grant) => grant !== null).map((grant) => ({ ...grant, graceKey: null })),
  ].filter((grant) => grant.expiresAt > at);
  return [...new Map(due.map((grant) => [grant.sourceKey, grant])).values()];
}

function toGrantInput({ kind, amountMicros, startsAt, expiresAt, sourceKey }: GrantInput): GrantInput {
  return { kind, amountMicros, startsAt, expiresAt, sourceKey };
}

/**
 * Returns the grants that end early (M11, M13): a trial's credit when the trial ends or is paid early, or is
 * not one of a plan of ours any more; a grace grant once its invoice no longer blocks the renewal. Revoking a
 * grant that was never issued is a no-op, so missed events do not matter. Pure.
 */
export function grantsToRevoke({
  subscriptions,
  otherSubscriptions,
  invoices,
}: CreditState): GrantRevocation[] {
  const trials = subscriptions.flatMap(({ id, status, endedAt, trialEndsAt }) => {
    if (status === "trialing" || trialEndsAt === null) return [];
    const endedEarly = endedAt !== null && endedAt < trialEndsAt;
    return [{ sourceKey: trialSourceKey(id), endedAt: endedEarly ? endedAt : trialEndsAt }];
  });
  const blocking = subscriptions.map((subscription) => blockingInvoice(subscription, invoices)?.id);
  const settled = invoices.filter(
    ({ id, subscriptionId }) => subscriptionId !== null && !blocking.includes(id),
  );
  return [
    ...trials,
    ...otherSubscriptions.map(({ id }) => ({ sourceKey: trialSourceKey(id), endedAt: null })),
    ...settled.map(({ id }) => ({ sourceKey: graceSourceKey(id), endedAt: null })),
  ];
}

/** Returns a trial's credit, which expires with the trial (M11). */
export function trialGrant({
  id,
  status,
  trialStartedAt,
  trialEndsAt,
}: StripeSubscription): GrantInput | null {
  if (status !== "trialing" || trialStartedAt === null || trialEndsAt === null) return null;
  return {
    kind: "trial",
    amountMicros: proTrial.creditMicros,
    startsAt: trialStartedAt,
    expiresAt: trialEndsAt,
    sourceKey: trialSourceKey(id),
  };
}

/**
 * Returns the invoice that blocks the next allowance: a failed one, or a renewal that Stripe has not tried
 * yet.
 */
function blockingInvoice(subscription: StripeSubscription, invoices: StripeInvoice[]): StripeInvoice | null {
  return unpaidInvoiceOf(subscription, invoices) ?? pendingRenewalOf(subscription, invoices);
}

/**
 * Returns the grace grant of a renewal that is not paid yet (M13): it covers the hour before Stripe's first
 * attempt and the grace period after a failed one. The grant is the same at every moment in between. An
 * invoice that charges only other products delays no credit, so it brings none.
 */
function graceGrant(subscription: StripeSubscription, state: CreditState): GrantInput | null {
  const invoice = blockingInvoice(subscription, state.invoices);
  const plan = planItemOf(subscription.items)?.offer.plan;
  if (invoice === null || plan === undefined || !chargesPlan(invoice, state)) return null;
  const { id, createdAt, billingReason } = invoice;
  const triedAfterMs = billingReason === "subscription_cycle" ? draftMs : 0;
  return {
    kind: "grace",
    amountMicros: Math.floor(plan.allowanceMicros * graceShare),
    startsAt: createdAt,
    expiresAt: new Date(createdAt.getTime() + triedAfterMs + graceMs),
    sourceKey: graceSourceKey(id),
  };
}

function chargesPlan(invoice: StripeInvoice, state: CreditState): boolean {
  return planLines({ ...state, invoices: [invoice] }).some(({ sign }) => sign > 0);
}
