import Stripe from "stripe";
import { ask, stripe, stripeErrorOf } from "#lib/gateways/stripe-client.ts";

/** Where the payment of an invoice stands. */
export type StripePayment = {
  customerId: string | null;
  /** The invoice's. */
  status: string;
  amountDueCents: number;
  hostedUrl: string | null;
  /** Whether the bank wants to be asked before the card that was tried last is charged. */
  needsAction: boolean;
  /** The payment method that the bank would be asked about. */
  methodId: string | null;
  /** Stripe's word for why it was declined; null where it was not. */
  declineCode: string | null;
  /** With which a browser confirms it, for its payer's eyes alone. */
  clientSecret: string | null;
};

/** Looks at an invoice and the payment that it waits for. */
export async function readPayment(invoiceId: string): Promise<StripePayment> {
  const expand = ["payments.data.payment.payment_intent", "confirmation_secret"];
  const invoice = await ask(() => stripe().invoices.retrieve(invoiceId, { expand }));
  const open = (invoice.payments?.data ?? []).filter(({ status }) => status !== "canceled");
  const intent = open.map(({ payment }) => payment.payment_intent).find((found) => typeof found === "object");
  const error = intent?.last_payment_error ?? null;
  return {
    customerId: idOrNull(invoice.customer),
    status: invoice.status ?? "draft",
    amountDueCents: invoice.amount_remaining,
    hostedUrl: invoice.hosted_invoice_url ?? null,
    needsAction: intent?.status === "requires_action",
    methodId: idOrNull(intent?.payment_method ?? null),
    declineCode: error === null ? null : (error.decline_code ?? error.code ?? "generic_decline"),
    clientSecret: invoice.confirmation_secret?.client_secret ?? intent?.client_secret ?? null,
  };
}

/** What came of charging a card. */
export type Charged = { kind: "paid" } | { kind: "needs_action" } | { kind: "declined"; code: string };

/**
 * Pays an open invoice with a card, while its owner looks on. An invoice is paid once, whoever asks again; a key of ours
 * would keep a card that was declined from being tried anew.
 * @throws AppError billing_unavailable, also where Stripe refuses the call itself
 */
export async function payWithCard(invoiceId: string, methodId: string): Promise<Charged> {
  try {
    const params = { payment_method: methodId, off_session: false };
    const { status } = await ask(() => stripe().invoices.pay(invoiceId, params));
    return status === "paid" ? { kind: "paid" } : { kind: "needs_action" };
  } catch (error) {
    const cause = stripeErrorOf(error);
    if (cause?.code === "invoice_payment_intent_requires_action") return { kind: "needs_action" };
    if (!(cause instanceof Stripe.errors.StripeCardError)) throw error;
    return { kind: "declined", code: cause.decline_code ?? cause.code ?? "generic_decline" };
  }
}

function idOrNull(reference: string | { id: string } | null): string | null {
  return reference === null || typeof reference === "string" ? reference : reference.id;
}
