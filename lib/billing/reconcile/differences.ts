import { disputedCentsOf } from "#lib/billing/credit/refunds-and-disputes.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { pastDueSince } from "#lib/billing/customer/past-due.ts";
import type { Difference } from "#lib/billing/customer/record-drift.ts";
import { creditDifferences } from "#lib/billing/reconcile/credit-differences.ts";
import type { LocalState, LocalSubscription } from "#lib/billing/reconcile/local-state.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";

/** The compared fields of one object, as text for the operator. */
type Facts = Record<string, string>;

/**
 * Returns all differences between our tables and Stripe (the drift report). Pure. After a sync only those
 * remain that a sync cannot fix: a subscription that does not exist at Stripe, and credit without a payment.
 */
export function findDifferences(ours: LocalState, theirs: CustomerState, at: Date): Difference[] {
  return [
    ...customerDifferences(ours, theirs),
    ...subscriptionDifferences(ours, theirs),
    ...theirs.invoices.flatMap((invoice) =>
      compare(
        `Invoice ${invoice.number ?? invoice.id}`,
        invoiceFacts(ours.invoices.find(({ id }) => id === invoice.id)),
        invoiceFacts(invoice),
      ),
    ),
    ...theirs.payments.flatMap((payment) =>
      compare(
        `Payment ${payment.id}`,
        paymentFacts(ours.payments.find(({ id }) => id === payment.id)),
        paymentFacts({ ...payment, disputedCents: disputedCentsOf(payment) }),
      ),
    ),
    ...creditDifferences(ours, theirs, at),
  ];
}

/** Returns one difference for a missing object, otherwise one for each differing field. */
function compare(what: string, ours: Facts | null, theirs: Facts): Difference[] {
  if (ours === null) return [{ what, ours: "not here", theirs: Object.values(theirs).join(", ") }];
  return Object.entries(theirs)
    .filter(([fact, value]) => ours[fact] !== value)
    .map(([fact, value]) => ({ what: `${what}: ${fact}`, ours: ours[fact] ?? "", theirs: value }));
}

function customerDifferences(ours: LocalState, theirs: CustomerState): Difference[] {
  if (ours.customerDeleted === theirs.deleted) return [];
  const formatDeleted = (deleted: boolean) => (deleted ? "deleted" : "there");
  return [
    { what: "Customer", ours: formatDeleted(ours.customerDeleted), theirs: formatDeleted(theirs.deleted) },
  ];
}

function subscriptionDifferences(ours: LocalState, theirs: CustomerState): Difference[] {
  const known = new Set([...theirs.subscriptions, ...theirs.otherSubscriptions].map(({ id }) => id));
  const unknown = ours.subscriptions
    .filter(({ id, endedAt }) => endedAt === null && !known.has(id))
    .map(({ id, status }) => ({ what: `Subscription ${id}`, ours: status, theirs: "not there" }));
  const differing = theirs.subscriptions.flatMap((subscription) => {
    const local = ours.subscriptions.find(({ id }) => id === subscription.id);
    return compare(
      `Subscription ${subscription.id}`,
      local ? localFacts(local) : null,
      stripeFacts(subscription, theirs),
    );
  });
  return [...unknown, ...differing];
}

function localFacts(row: LocalSubscription): Facts {
  return {
    status: row.status,
    plan: describePlan(row.items),
    end: describeEnd(row),
    period: describePeriod(row.items),
    trial: formatOr(row.trialEndsAt, "none"),
    "past due since": formatOr(row.pastDueSince, "not past due"),
    "next plan": row.scheduledLookupKey ?? "the same",
  };
}

function stripeFacts(subscription: StripeSubscription, state: CustomerState): Facts {
  const items = subscription.items.map(({ price, ...item }) => ({
    ...item,
    lookupKey: price.lookupKey,
    priceId: price.id,
  }));
  return {
    status: subscription.status,
    plan: describePlan(items),
    end: describeEnd(subscription),
    period: describePeriod(items),
    trial: formatOr(subscription.trialEndsAt, "none"),
    "past due since": formatOr(pastDueSince(subscription, state.invoices), "not past due"),
    "next plan": state.scheduled.get(subscription.id)?.lookupKey ?? "the same",
  };
}

type Item = { id: string; lookupKey: string | null; priceId: string; periodStart: Date; periodEnd: Date };

function describePlan(items: Item[]): string {
  return (
    items
      .map(({ lookupKey, priceId }) => lookupKey ?? priceId)
      .sort()
      .join(", ") || "none"
  );
}

function describePeriod(items: Item[]): string {
  const first = items.toSorted((a, b) => (a.id < b.id ? -1 : 1))[0];
  return first === undefined
    ? "none"
    : `${first.periodStart.toISOString()} to ${first.periodEnd.toISOString()}`;
}

function describeEnd({
  cancelAtPeriodEnd,
  cancelAt,
  endedAt,
}: Pick<StripeSubscription, "cancelAtPeriodEnd" | "cancelAt" | "endedAt">): string {
  if (endedAt !== null) return `ended ${endedAt.toISOString()}`;
  const announced = [cancelAtPeriodEnd ? "at the period's end" : null, cancelAt?.toISOString() ?? null];
  return announced.filter((part) => part !== null).join(", ") || "not announced";
}

function formatOr(date: Date | null, otherwise: string): string {
  return date?.toISOString() ?? otherwise;
}

type Amounts = { status: string; totalCents: number; amountPaidCents: number; amountDueCents: number };

function invoiceFacts(invoice: Amounts): Facts;
function invoiceFacts(invoice: Amounts | undefined): Facts | null;
function invoiceFacts(invoice: Amounts | undefined): Facts | null {
  if (invoice === undefined) return null;
  const { status, totalCents, amountPaidCents, amountDueCents } = invoice;
  return { status, total: money(totalCents), paid: money(amountPaidCents), due: money(amountDueCents) };
}

type Payment = { amountCents: number; refundedCents: number; disputedCents: number };

function paymentFacts(payment: Payment): Facts;
function paymentFacts(payment: Payment | undefined): Facts | null;
function paymentFacts(payment: Payment | undefined): Facts | null {
  if (payment === undefined) return null;
  const { amountCents, refundedCents, disputedCents } = payment;
  return { amount: money(amountCents), refunded: money(refundedCents), disputed: money(disputedCents) };
}

function money(cents: number): string {
  return formatMoney(fromCents(cents));
}
