import { isOverageKey } from "#lib/billing/catalog/overage-prices.ts";
import { overReturnedCents } from "#lib/billing/credit/month-credit.ts";
import type { CustomerState, PaidCharge, ScheduledChange } from "#lib/billing/customer/customer-state.ts";
import {
  isForeignInvoice,
  isOurSession,
  isPlanSubscription,
} from "#lib/billing/customer/plan-subscriptions.ts";
import { isOngoing } from "#lib/billing/customer/subscription-statuses.ts";
import { previewNextPayment } from "#lib/billing/sync/next-payment.ts";
import { findPrice, findProductName } from "#lib/gateways/stripe/catalog/find-price.ts";
import { findInvoicePaidBy } from "#lib/gateways/stripe/charges.ts";
import { findCustomer, sumBalanceDebits } from "#lib/gateways/stripe/customers.ts";
import { listCharges, listCheckoutSessions, listInvoices } from "#lib/gateways/stripe/history.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";
import type {
  StripeCharge,
  StripeCheckoutSession,
  StripeSubscription,
} from "#lib/gateways/stripe/objects.ts";
import { findNextPhase } from "#lib/gateways/stripe/schedules.ts";
import { listSubscriptions } from "#lib/gateways/stripe/subscriptions.ts";

/**
 * Fetches a customer's whole state from Stripe. Call it only under the customer's lock: a state fetched
 * before the lock may be older than what another process has written. Sessions are fetched before
 * subscriptions, so that a Checkout that completes in between is seen either as open or through its
 * subscription.
 * @throws AppError billing_unavailable
 */
export async function fetchCustomer(customerId: string): Promise<CustomerState> {
  const [details, sessions] = await Promise.all([findCustomer(customerId), listCheckoutSessions(customerId)]);
  const [allSubscriptions, allInvoices, allCharges] = await Promise.all([
    listSubscriptions(customerId),
    listInvoices(customerId),
    listCharges(customerId),
  ]);
  const lookupKeys = await findLookupKeys(allSubscriptions, allInvoices);
  const [subscriptions, otherSubscriptions] = partition(allSubscriptions, isPlanSubscription);
  const [foreignInvoices, invoices] = partition(allInvoices, (invoice) =>
    isForeignInvoice(invoice, subscriptions, lookupKeys),
  );
  const ours = { sessions: sessions.filter(isOurSession), invoices };
  const foreign = new Set(foreignInvoices.flatMap(({ paymentIntentIds }) => paymentIntentIds));
  const charges = allCharges.filter(({ paymentIntentId }) => !foreign.has(paymentIntentId ?? ""));
  const [payments, scheduled, nextPayments, productNames] = await Promise.all([
    Promise.all(charges.map((charge) => withInvoice(charge, invoices))),
    findScheduledChanges(subscriptions),
    previewNextPayments(subscriptions),
    findProductNames(otherSubscriptions),
  ]);
  const isOverReturned = overReturnedCents({ subscriptions, invoices, lookupKeys }).size > 0;
  const ourPayments = payments.filter((payment) => isOurPayment(payment, ours.sessions));
  return {
    customerId,
    deleted: details === null,
    details,
    subscriptions,
    otherSubscriptions,
    productNames,
    ...ours,
    foreignInvoiceIds: foreignInvoices.map(({ id }) => id),
    charges: ourPayments.filter(isRefundedOrDisputed),
    payments: ourPayments,
    scheduled,
    nextPayments,
    balanceDebitedCents: isOverReturned ? await sumBalanceDebits(customerId) : 0,
    lookupKeys,
  };
}

function partition<T>(all: T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

/** Whether a payment paid an invoice, or a Checkout of ours. Another product's payment did neither. */
function isOurPayment(
  { invoiceId, paymentIntentId }: PaidCharge,
  sessions: StripeCheckoutSession[],
): boolean {
  return invoiceId !== null || sessions.some((session) => session.paymentIntentId === paymentIntentId);
}

async function findProductNames(subscriptions: StripeSubscription[]): Promise<Map<string, string>> {
  const ids = subscriptions
    .filter(isOngoing)
    .flatMap(({ items }) => items.map(({ price }) => price.productId));
  const names = [...new Set(ids)].map(async (id) => [id, await findProductName(id)] as const);
  return new Map(await Promise.all(names));
}

async function findScheduledChanges(
  subscriptions: StripeSubscription[],
): Promise<CustomerState["scheduled"]> {
  const scheduled = new Map<string, ScheduledChange>();
  for (const { id, scheduleId } of subscriptions) {
    const next = scheduleId === null ? null : await findNextPhase(scheduleId);
    if (next === null) continue;
    const prices = await Promise.all(next.priceIds.map(findPrice));
    const lookupKey = prices.find((price) => !isOverageKey(price.lookupKey))?.lookupKey ?? null;
    scheduled.set(id, { lookupKey, startsAt: next.startsAt, cardMethodId: next.cardMethodId });
  }
  return scheduled;
}

async function previewNextPayments(
  subscriptions: StripeSubscription[],
): Promise<CustomerState["nextPayments"]> {
  const found = subscriptions.map(async (each) => [each.id, await previewNextPayment(each)] as const);
  return new Map(await Promise.all(found));
}

function isRefundedOrDisputed({ refundedCents, disputes }: StripeCharge): boolean {
  return refundedCents > 0 || disputes.length > 0;
}

/**
 * Adds the invoice that a charge paid. Asks Stripe for it only when it decides a refund and is older than the
 * fetched invoices.
 */
async function withInvoice(charge: StripeCharge, invoices: StripeInvoice[]): Promise<PaidCharge> {
  const { paymentIntentId } = charge;
  if (paymentIntentId === null) return { ...charge, invoiceId: null };
  const paid = invoices.find((invoice) => invoice.paymentIntentIds.includes(paymentIntentId));
  if (paid !== undefined || !isRefundedOrDisputed(charge)) return { ...charge, invoiceId: paid?.id ?? null };
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
