import type Stripe from "stripe";
import { findMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { cancelInvoiceIntent } from "#sandbox/stripe/invoices/invoice-intent.ts";
import { finalizeInvoice, findInvoice, markPaid } from "#sandbox/stripe/invoices/lifecycle.ts";
import { toPaymentFailure } from "#sandbox/stripe/invoices/payment-failure.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { flag, paramsOf, text } from "#sandbox/stripe/protocol/params.ts";
import { emit } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { collectInvoice, finalizeAndCollect, followPayment } from "#sandbox/stripe/subscriptions/collect.ts";
import { recountUsage } from "#sandbox/stripe/usage/recount-usage.ts";

export const payParams = paramsOf<Stripe.InvoicePayParams>()({
  off_session: flag(),
  paid_out_of_band: flag(),
  payment_method: text(),
});

/** Finalizes a draft; with auto-advance it is also charged or sent. */
export function finalizeManually(world: World, id: string, autoAdvance: boolean | undefined): Stripe.Invoice {
  if (autoAdvance ?? findInvoice(world, id).auto_advance) {
    finalizeAndCollect(world, id, { onSession: false });
    return findInvoice(world, id);
  }
  return finalize(world, id);
}

/** Sends an invoice to its customer; a draft is finalized first. */
export function sendInvoice(world: World, id: string): Stripe.Invoice {
  const invoice = findInvoice(world, id);
  if (invoice.collection_method !== "send_invoice") {
    throw invalid("You can only manually send an invoice if its collection method is 'send_invoice'.");
  }
  if (invoice.customer_email === null) {
    throw invalid(
      "Missing email. In order to send invoices to your customer, the customer must have a valid email.",
    );
  }
  if (invoice.status === "draft") finalize(world, id);
  const sent = findInvoice(world, id);
  if (sent.status !== "open" && sent.status !== "paid") {
    throw invalid(`This invoice is ${sent.status} and cannot be sent.`);
  }
  emit(world, "invoice.sent", sent);
  return sent;
}

/** Pays an invoice now, by payment method or out of band. Throws 402 when the payment fails. */
export function payInvoice(world: World, id: string, params: ReturnType<typeof payParams>): Stripe.Invoice {
  assertPayable(world, findInvoice(world, id), params.payment_method);
  if (findInvoice(world, id).status === "draft" && finalize(world, id).status === "paid") {
    return findInvoice(world, id);
  }
  if (params.paid_out_of_band) {
    cancelInvoiceIntent(world, findInvoice(world, id), "automatic");
    markPaid(world, id);
    followPayment(world, id, "paid");
    return findInvoice(world, id);
  }
  const outcome = collectInvoice(world, id, {
    onSession: true,
    isAutomatic: false,
    ...(params.payment_method ? { method: params.payment_method } : {}),
  });
  if (outcome === "paid") return findInvoice(world, id);
  throw toPaymentFailure(world, id, { keepsEffects: true });
}

function finalize(world: World, id: string): Stripe.Invoice {
  recountUsage(world, id);
  const final = finalizeInvoice(world, id);
  if (final.status === "paid") followPayment(world, id, "paid");
  return findInvoice(world, id);
}

function assertPayable(world: World, invoice: Stripe.Invoice, method: string | undefined): void {
  if (invoice.status === "paid") throw invalid("Invoice is already paid");
  if (invoice.status === "void") throw invalid("This invoice is void and cannot be paid.");
  if (method === undefined) return;
  if (findMethod(world, method, "payment_method").customer === invoice.customer) return;
  throw missing("PaymentMethod", method, "payment_method");
}
