import type Stripe from "stripe";
import { type Confirmation, confirmIntent } from "#sandbox/stripe/payments/confirm-intent.ts";
import { invoiceOfIntent } from "#sandbox/stripe/payments/follow-intent.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { collectInvoice } from "#sandbox/stripe/subscriptions/collect.ts";

/** Confirms a payment and updates its invoice and subscription, if it has one. */
export function confirmWithOwner(
  world: World,
  intentId: string,
  method: string,
  confirmation: Confirmation,
): Stripe.PaymentIntent {
  const invoice = invoiceOfIntent(world, intentId);
  if (!invoice) return confirmIntent(world, intentId, method, confirmation);
  if (world.tables.paymentMethods.get(method)?.type !== "card") {
    throw invalid("The sandbox pays invoices by card only.", "payment_method");
  }
  collectInvoice(world, invoice.id, { ...confirmation, isAutomatic: false, method });
  const intent = world.tables.paymentIntents.get(intentId);
  if (!intent) throw new Error(`${intentId} is gone`);
  return intent;
}
