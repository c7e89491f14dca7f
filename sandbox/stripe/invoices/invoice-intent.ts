import type Stripe from "stripe";
import { createIntent } from "#sandbox/stripe/payments/intent-object.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Returns the payment intent of an invoice; null when it has none that is not canceled. */
export function findInvoiceIntent(world: World, invoice: string): Stripe.PaymentIntent | null {
  const payment = world.tables.invoicePayments.under(invoice).filter((row) => row.status !== "canceled")[0];
  const intent = idOrNull(payment?.payment.payment_intent);
  return intent === null ? null : (world.tables.paymentIntents.get(intent) ?? null);
}

/** Attaches a payment intent to an open invoice: the existing one in `reuse`, or a new one. */
export function attachInvoiceIntent(world: World, invoice: Stripe.Invoice, reuse: string | null): void {
  const intent =
    reuse ??
    createIntent(world, {
      amount: invoice.amount_due,
      currency: invoice.currency,
      customer: idOrNull(invoice.customer),
      description: paymentDescription(invoice),
      metadata: {},
      receiptEmail: null,
      setupFutureUsage: invoice.billing_reason === "subscription_create" ? "off_session" : null,
    }).id;
  world.tables.invoicePayments.put({
    id: newStripeId("inpay"),
    object: "invoice_payment",
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: nowFor(world, idOrNull(invoice.customer)),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { type: "payment_intent", payment_intent: intent },
    status: "open",
    status_transitions: { canceled_at: null, paid_at: null },
  });
}

/** Cancels the unpaid payment intent of an invoice and its invoice payments. */
export function cancelInvoiceIntent(
  world: World,
  invoice: Stripe.Invoice,
  reason: "void_invoice" | "automatic",
): void {
  const at = nowFor(world, idOrNull(invoice.customer));
  const intent = findInvoiceIntent(world, invoice.id);
  if (!intent || intent.status === "succeeded") return;
  const canceled = { status: "canceled", canceled_at: at, cancellation_reason: reason, next_action: null };
  amend(world, world.tables.paymentIntents, intent.id, canceled, "payment_intent.canceled");
  for (const payment of world.tables.invoicePayments.under(invoice.id)) {
    const patch = { status: "canceled", status_transitions: { canceled_at: at, paid_at: null } };
    amend(world, world.tables.invoicePayments, payment.id, patch);
  }
}

/** Sets the payment intent's amount to the remaining amount, after a credit note was issued or voided. */
export function updateIntentAmount(world: World, invoice: Stripe.Invoice): void {
  const intent = findInvoiceIntent(world, invoice.id);
  if (!intent) return;
  const amount = invoice.amount_remaining;
  amend(world, world.tables.paymentIntents, intent.id, { amount });
  for (const payment of world.tables.invoicePayments.under(invoice.id)) {
    amend(world, world.tables.invoicePayments, payment.id, { amount_requested: amount });
  }
}

function paymentDescription({ billing_reason: reason }: Stripe.Invoice): string {
  if (reason === "manual") return "Payment for Invoice";
  return reason === "subscription_create" ? "Subscription creation" : "Subscription update";
}
