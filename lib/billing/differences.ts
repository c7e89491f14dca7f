import { type Difference, differencesInCredit } from "#lib/billing/credit-differences.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";
import { disputedCentsOf } from "#lib/billing/money-back.ts";
import { pastDueSince } from "#lib/billing/past-due.ts";
import type { OurBooks, OurSubscription } from "#lib/billing/read-books.ts";
import type { StripeSubscription } from "#lib/gateways/stripe-objects.ts";
import { formatMoney, fromCents } from "#lib/ground/money.ts";

/** What is compared of one thing, each in words for an operator. */
type Facts = Record<string, string>;

/**
 * Where our books say something else than Stripe (the drift report). Pure. Empty right after a sync, but for what no sync can
 * put right: two subscriptions that are paid for, one that runs here and that Stripe has never heard of, credit that nothing
 * was paid for.
 */
export function differencesOf(ours: OurBooks, theirs: CustomerState, at: Date): Difference[] {
  return [
    ...inCustomer(ours, theirs),
    ...inSubscriptions(ours, theirs),
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
    ...differencesInCredit(ours, theirs, at),
  ];
}

/** One line for what is not there, and else one for each fact that differs. */
function compare(what: string, ours: Facts | null, theirs: Facts): Difference[] {
  if (ours === null) return [{ what, ours: "not here", theirs: Object.values(theirs).join(", ") }];
  return Object.entries(theirs)
    .filter(([fact, said]) => ours[fact] !== said)
    .map(([fact, said]) => ({ what: `${what}: ${fact}`, ours: ours[fact] ?? "", theirs: said }));
}

function inCustomer(ours: OurBooks, theirs: CustomerState): Difference[] {
  if (ours.customerDeleted === theirs.deleted) return [];
  const say = (deleted: boolean) => (deleted ? "deleted" : "there");
  return [{ what: "Customer", ours: say(ours.customerDeleted), theirs: say(theirs.deleted) }];
}

function inSubscriptions(ours: OurBooks, theirs: CustomerState): Difference[] {
  const lost = ours.subscriptions
    .filter(({ id, endedAt }) => endedAt === null && !theirs.subscriptions.some((known) => known.id === id))
    .map(({ id, status }) => ({ what: `Subscription ${id}`, ours: status, theirs: "not there" }));
  const differing = theirs.subscriptions.flatMap((subscription) => {
    const own = ours.subscriptions.find(({ id }) => id === subscription.id);
    return compare(
      `Subscription ${subscription.id}`,
      own ? ourFacts(own) : null,
      theirFacts(subscription, theirs),
    );
  });
  const running = theirs.subscriptions
    .filter(({ status }) => runningStatuses.has(status))
    .map(({ id }) => id);
  const doubled = {
    what: "Running subscriptions",
    ours: "one at most",
    theirs: running.sort().join(" and "),
  };
  return [...lost, ...differing, ...(running.length > 1 ? [doubled] : [])];
}

/** In which somebody pays, or is going to. */
const runningStatuses = new Set(["active", "trialing", "past_due"]);

function ourFacts(row: OurSubscription): Facts {
  return {
    status: row.status,
    plan: planOf(row.items),
    end: endOf(row),
    period: periodOf(row.items),
    trial: dayOr(row.trialEndsAt, "none"),
    "past due since": dayOr(row.pastDueSince, "not past due"),
    "next plan": row.scheduledLookupKey ?? "the same",
  };
}

function theirFacts(subscription: StripeSubscription, state: CustomerState): Facts {
  const items = subscription.items.map(({ price, ...item }) => ({
    ...item,
    lookupKey: price.lookupKey,
    priceId: price.id,
  }));
  return {
    status: subscription.status,
    plan: planOf(items),
    end: endOf(subscription),
    period: periodOf(items),
    trial: dayOr(subscription.trialEndsAt, "none"),
    "past due since": dayOr(pastDueSince(subscription, state.invoices), "not past due"),
    "next plan": state.scheduled.get(subscription.id)?.lookupKey ?? "the same",
  };
}

type Item = { id: string; lookupKey: string | null; priceId: string; periodStart: Date; periodEnd: Date };

function planOf(items: Item[]): string {
  return (
    items
      .map(({ lookupKey, priceId }) => lookupKey ?? priceId)
      .sort()
      .join(", ") || "none"
  );
}

function periodOf(items: Item[]): string {
  const first = items.toSorted((a, b) => (a.id < b.id ? -1 : 1))[0];
  return first === undefined
    ? "none"
    : `${first.periodStart.toISOString()} to ${first.periodEnd.toISOString()}`;
}

function endOf({
  cancelAtPeriodEnd,
  cancelAt,
  endedAt,
}: Pick<StripeSubscription, "cancelAtPeriodEnd" | "cancelAt" | "endedAt">): string {
  if (endedAt !== null) return `ended ${endedAt.toISOString()}`;
  const announced = [cancelAtPeriodEnd ? "at the period's end" : null, cancelAt?.toISOString() ?? null];
  return announced.filter((part) => part !== null).join(", ") || "not announced";
}

function dayOr(date: Date | null, otherwise: string): string {
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
