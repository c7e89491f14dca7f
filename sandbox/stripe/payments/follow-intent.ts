import type Stripe from "stripe";
import { findOrder } from "#sandbox/stripe/checkout/find-session.ts";
import { createReceipt } from "#sandbox/stripe/checkout/receipt.ts";
import { markPaid } from "#sandbox/stripe/invoices/lifecycle.ts";
import { amend, emit } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { followPayment } from "#sandbox/stripe/subscriptions/collect.ts";

/** The open invoice of a payment, or null. */
export function invoiceOfIntent(world: World, intent: string): Stripe.Invoice | null {
  const payment = world.tables.invoicePayments.filter(
    (row) => row.payment.payment_intent === intent && row.status === "open",
  )[0];
  const invoice = payment && world.tables.invoices.get(idOf(payment.invoice));
  return invoice?.status === "open" ? invoice : null;
}

/** Updates the invoice or Checkout session of a payment that finished after its confirmation. */
export function followIntent(world: World, intent: Stripe.PaymentIntent): void {
  const isPaid = intent.status === "succeeded";
  const invoice = invoiceOfIntent(world, intent.id);
  if (invoice && isPaid) {
    markPaid(world, invoice.id);
    followPayment(world, invoice.id, "paid");
  }
  const sessions = world.tables.checkoutSessions.filter((row) => row.payment_intent === intent.id);
  for (const session of sessions) {
    if (session.status === "complete" && session.payment_status === "unpaid")
      updateSession(world, session, isPaid);
  }
}

function updateSession(world: World, session: Stripe.Checkout.Session, isPaid: boolean): void {
  const { checkoutSessions } = world.tables;
  if (!isPaid) {
    emit(world, "checkout.session.async_payment_failed", session);
    return;
  }
  const invoice = session.invoice ?? createReceipt(world, session, findOrder(world, session.id));
  const patch = { invoice, payment_status: "paid" };
  amend(world, checkoutSessions, session.id, patch, "checkout.session.async_payment_succeeded");
}
