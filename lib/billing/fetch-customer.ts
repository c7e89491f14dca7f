import type { PaymentsOf } from "#lib/billing/money-back.ts";
import { findNextPayment } from "#lib/billing/next-payment.ts";
import { isOverageKey } from "#lib/billing/overage-prices.ts";
import { findInvoicePaidBy, listSubscriptions } from "#lib/gateways/stripe.ts";
import { findScheduledPrices } from "#lib/gateways/stripe-changes.ts";
import { findCustomer, type StripeCustomer } from "#lib/gateways/stripe-customers.ts";
import { listCharges, listCheckoutSessions, listInvoices } from "#lib/gateways/stripe-history.ts";
import type {
  StripeCharge,
  StripeCheckoutSession,
  StripeInvoice,
  StripeSubscription,
} from "#lib/gateways/stripe-objects.ts";
import { findPrice } from "#lib/gateways/stripe-prices.ts";

type Scheduled = { lookupKey: string | null; startsAt: Date; cardMethodId: string | null };

/** All that Stripe knows of a customer, as far as it matters to us. */
export type CustomerState = {
  customerId: string;
  deleted: boolean;
  /** Card, address and tax ids; null of a customer that was deleted. */
  details: StripeCustomer | null;
  subscriptions: StripeSubscription[];
  invoices: StripeInvoice[];
  sessions: StripeCheckoutSession[];
  /** Only those of which money went back, or is disputed. */
  charges: PaymentsOf["charges"];
  /** All of the newest payments that succeeded, with the invoice that each paid, where it is known. */
  payments: PaymentsOf["charges"];
  /** What schedules bring next, by subscription, and the card that they will charge. */
  scheduled: ReadonlyMap<string, Scheduled>;
  /** What the next invoice of each subscription collects, in cents; null where none comes. */
  nextPayments: ReadonlyMap<string, number | null>;
  /** Of each price that is met: our lookup key, or null for one that our catalogue does not have. */
  lookupKeys: ReadonlyMap<string, string | null>;
};

/**
 * Fetches a customer's whole state from Stripe. Only under the customer's lock: what is fetched before the lock may be
 * older than what another process has already written. Sessions come before subscriptions, so that a Checkout which ends
 * between the two is seen either as open or by its subscription.
 * @throws AppError billing_unavailable
 */
export async function fetchCustomer(customerId: string): Promise<CustomerState> {
  const [details, sessions] = await Promise.all([findCustomer(customerId), listCheckoutSessions(customerId)]);
  const [subscriptions, invoices, charges] = await Promise.all([
    listSubscriptions(customerId),
    listInvoices(customerId),
    listCharges(customerId),
  ]);
  const [lookupKeys, payments, scheduled, nextPayments] = await Promise.all([
    findLookupKeys(subscriptions, invoices),
    Promise.all(charges.map((charge) => withInvoice(charge, invoices))),
    findScheduled(subscriptions),
    findNextPayments(subscriptions),
  ]);
  const returned = payments.filter(hasMoneyBack);
  const found = {
    subscriptions,
    invoices,
    sessions,
    charges: returned,
    payments,
    scheduled,
    nextPayments,
    lookupKeys,
  };
  return { customerId, deleted: details === null, details, ...found };
}

async function findScheduled(subscriptions: StripeSubscription[]): Promise<CustomerState["scheduled"]> {
  const scheduled = new Map<string, Scheduled>();
  for (const { id, scheduleId } of subscriptions) {
    const next = scheduleId === null ? null : await findScheduledPrices(scheduleId);
    if (next === null) continue;
    const prices = await Promise.all(next.priceIds.map(findPrice));
    const lookupKey = prices.find((price) => !isOverageKey(price.lookupKey))?.lookupKey ?? null;
    scheduled.set(id, { lookupKey, startsAt: next.startsAt, cardMethodId: next.cardMethodId });
  }
  return scheduled;
}

async function findNextPayments(subscriptions: StripeSubscription[]): Promise<CustomerState["nextPayments"]> {
  const found = subscriptions.map(async (each) => [each.id, await findNextPayment(each)] as const);
  return new Map(await Promise.all(found));
}

function hasMoneyBack({ refundedCents, disputes }: StripeCharge): boolean {
  return refundedCents > 0 || disputes.length > 0;
}

/** Stripe is asked for the invoice only where it is older than those at hand, and decides what is taken back. */
async function withInvoice(
  charge: StripeCharge,
  invoices: StripeInvoice[],
): Promise<PaymentsOf["charges"][number]> {
  const { paymentIntentId } = charge;
  if (paymentIntentId === null) return { ...charge, invoiceId: null };
  const paid = invoices.find((invoice) => invoice.paymentIntentIds.includes(paymentIntentId));
  if (paid !== undefined || !hasMoneyBack(charge)) return { ...charge, invoiceId: paid?.id ?? null };
  return { ...charge, invoiceId: await findInvoicePaidBy(paymentIntentId) };
}

async function findLookupKeys(
  subscriptions: StripeSubscription[],
  invoices: StripeInvoice[],
): Promise<Map<string, string | null>> {
  const prices = subscriptions.flatMap((subscription) => subscription.items.map((item) => item.price));
  const keys = new Map(prices.map((price) => [price.id, price.lookupKey]));
  for (const { priceId } of invoices.flatMap((invoice) => invoice.lines)) {
    if (priceId !== null && !keys.has(priceId)) keys.set(priceId, (await findPrice(priceId)).lookupKey);
  }
  return keys;
}
