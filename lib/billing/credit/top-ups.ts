import { findTopUp } from "#lib/billing/catalog/plans.ts";
import { type InvoicedState, paidAtOf } from "#lib/billing/credit/paid-lines.ts";
import { topUpSourceKey } from "#lib/billing/credit/source-keys.ts";
import { addMonths } from "#lib/core/clock.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";
import type { StripeCheckoutSession } from "#lib/gateways/stripe/objects.ts";
import type { GrantInput } from "#lib/usage/grants.ts";

const topUpMonths = 12;

type TopUpState = InvoicedState & { sessions: StripeCheckoutSession[] };

/** A top-up's grant, its payment, and the invoice of that payment if there is one. */
export type TopUpGrant = GrantInput & { paymentIntentId: string; invoice: StripeInvoice | null };

/**
 * Returns the grants of all top-ups that are paid (M15), even if the payment succeeded long after the
 * Checkout: those sold by a Checkout, and those on an invoice that an administrator made. Pure.
 */
export function topUpGrants(state: TopUpState): TopUpGrant[] {
  const sold = state.sessions.flatMap((session) => fromSession(session, state));
  const isSold = ({ paymentIntentIds }: StripeInvoice) =>
    paymentIntentIds.some((id) => state.sessions.some(({ paymentIntentId }) => paymentIntentId === id));
  const invoiced = state.invoices
    .filter((invoice) => invoice.status === "paid" && !isSold(invoice))
    .flatMap((invoice) => fromInvoice(invoice, state));
  return [...sold, ...invoiced];
}

function fromSession(session: StripeCheckoutSession, { invoices }: TopUpState): TopUpGrant[] {
  const topUp = findTopUp(session.lookupKey);
  const { mode, paymentStatus, paymentIntentId, createdAt } = session;
  if (topUp === undefined || mode !== "payment" || paymentStatus !== "paid" || paymentIntentId === null)
    return [];
  const invoice = invoices.find(({ paymentIntentIds }) => paymentIntentIds.includes(paymentIntentId)) ?? null;
  return [toGrant(topUp.creditMicros, createdAt, paymentIntentId, invoice)];
}

/** An invoice that was paid without a payment (from the balance, outside of Stripe) is its own key. */
function fromInvoice(invoice: StripeInvoice, { lookupKeys }: TopUpState): TopUpGrant[] {
  const micros = invoice.lines.map(({ priceId, quantity, amountCents }) => {
    const topUp = findTopUp(lookupKeys.get(priceId ?? "") ?? null);
    return topUp === undefined || amountCents <= 0 ? 0 : topUp.creditMicros * quantity;
  });
  const amountMicros = micros.reduce((sum, each) => sum + each, 0);
  const paymentId = invoice.paymentIntentIds[0] ?? invoice.id;
  return amountMicros === 0 ? [] : [toGrant(amountMicros, paidAtOf(invoice), paymentId, invoice)];
}

function toGrant(
  amountMicros: number,
  startsAt: Date,
  paymentIntentId: string,
  invoice: StripeInvoice | null,
): TopUpGrant {
  const sourceKey = topUpSourceKey(paymentIntentId);
  const expiresAt = addMonths(startsAt, topUpMonths);
  return { kind: "top_up", amountMicros, startsAt, expiresAt, sourceKey, paymentIntentId, invoice };
}
