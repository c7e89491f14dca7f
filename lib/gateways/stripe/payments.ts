import Stripe from "stripe";
import { callStripe, isRefused, stripe, stripeErrorOf } from "#lib/gateways/stripe/client.ts";
import { idOrNull } from "#lib/gateways/stripe/objects.ts";

/** The state of an invoice's payment. */
export type StripePayment = {
  customerId: string | null;
  /** The invoice's status. */
  status: string;
  /** In the smallest unit of the currency. */
  amountDueCents: number;
  currency: string;
  hostedUrl: string | null;
  /** Whether the bank must confirm the last attempt (3-D Secure). */
  needsAction: boolean;
  /** The payment method of the last attempt. */
  methodId: string | null;
  /** Stripe's code for why the last attempt was declined; null when it was not. */
  declineCode: string | null;
  /** The secret with which the payer's browser confirms the payment. */
  clientSecret: string | null;
};

/** Reads an invoice and its open payment. */
export async function readPayment(invoiceId: string): Promise<StripePayment> {
  const expand = ["payments.data.payment.payment_intent", "confirmation_secret"];
  const invoice = await callStripe(() => stripe().invoices.retrieve(invoiceId, { expand }));
  const open = (invoice.payments?.data ?? []).filter(({ status }) => status !== "canceled");
  const intent = open.map(({ payment }) => payment.payment_intent).find((found) => typeof found === "object");
  const error = intent?.last_payment_error ?? null;
  return {
    customerId: idOrNull(invoice.customer),
    status: invoice.status ?? "draft",
    amountDueCents: invoice.amount_remaining,
    currency: invoice.currency,
    hostedUrl: invoice.hosted_invoice_url ?? null,
    needsAction: intent?.status === "requires_action",
    methodId: idOrNull(intent?.payment_method ?? null),
    declineCode: error === null ? null : (error.decline_code ?? error.code ?? "generic_decline"),
    clientSecret: invoice.confirmation_secret?.client_secret ?? intent?.client_secret ?? null,
  };
}

/** The result of charging a card. */
export type ChargeResult = { kind: "paid" } | { kind: "needs_action" } | { kind: "declined"; code: string };

/**
 * Pays an open invoice with a card while the user is present. Stripe pays an invoice at most once; an
 * idempotency key of ours would only prevent a retry after a decline.
 * @throws AppError billing_unavailable, also when Stripe rejects the call itself
 */
export async function payWithCard(invoiceId: string, methodId: string): Promise<ChargeResult> {
  try {
    const params = { payment_method: methodId, off_session: false };
    const { status } = await callStripe(() => stripe().invoices.pay(invoiceId, params));
    return status === "paid" ? { kind: "paid" } : { kind: "needs_action" };
  } catch (error) {
    const cause = stripeErrorOf(error);
    if (cause?.code === "invoice_payment_intent_requires_action") return { kind: "needs_action" };
    if (!(cause instanceof Stripe.errors.StripeCardError)) throw error;
    return { kind: "declined", code: cause.decline_code ?? cause.code ?? "generic_decline" };
  }
}

/**
 * Voids an invoice, which also drops a change that waits for its payment.
 * @returns false when it was no longer open
 */
export async function voidInvoice(id: string): Promise<boolean> {
  try {
    await callStripe(() => stripe().invoices.voidInvoice(id));
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}
