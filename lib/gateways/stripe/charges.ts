import { callStripe, callStripeOrNull, stripe } from "#lib/gateways/stripe/client.ts";

/**
 * Returns the id of the invoice that a payment paid; null for a payment without an invoice, such as a top-up.
 */
export async function findInvoicePaidBy(paymentIntentId: string): Promise<string | null> {
  const payment = { type: "payment_intent", payment_intent: paymentIntentId } as const;
  const page = await callStripe(() => stripe().invoicePayments.list({ payment, limit: 1 }));
  const invoice = page.data[0]?.invoice;
  return invoice === undefined ? null : typeof invoice === "string" ? invoice : invoice.id;
}

/**
 * Returns the customer of a charge; null for a charge without a customer, or one that Stripe does not know.
 */
export async function findCustomerOfCharge(chargeId: string): Promise<string | null> {
  const charge = await callStripeOrNull(() => stripe().charges.retrieve(chargeId));
  const customer = charge?.customer ?? null;
  return customer === null || typeof customer === "string" ? customer : customer.id;
}

/** Returns when a charge was last refunded; null when it never was. */
export async function findLastRefundAt(chargeId: string): Promise<Date | null> {
  const page = await callStripe(() => stripe().refunds.list({ charge: chargeId, limit: 1 }));
  const created = page.data[0]?.created;
  return created === undefined ? null : new Date(created * 1_000);
}
