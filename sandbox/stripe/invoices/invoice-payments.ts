import type Stripe from "stripe";
import { findInvoiceIntent } from "#sandbox/stripe/invoices/invoice-intent.ts";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import { inRange, object, oneOf, paramsOf, range, required, text } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const listParams = paramsOf<Stripe.InvoicePaymentListParams>()({
  created: range(),
  invoice: text(),
  payment: object({ type: required(oneOf("payment_intent")), payment_intent: text() }),
  status: oneOf("open", "paid", "canceled"),
});

export const invoicePaymentRoutes: Route[] = [
  route("GET", "/v1/invoice_payments/:id", paramsOf<object>()({}), ({ world, id }) => {
    const payment = world.tables.invoicePayments.get(id);
    if (!payment) throw missing("invoice_payment", id);
    return payment;
  }),
  listRoute("/v1/invoice_payments", listParams, ({ world, params }) =>
    world.tables.invoicePayments.filter(
      (payment) =>
        (params.invoice === undefined || payment.invoice === params.invoice) &&
        (params.payment?.payment_intent === undefined ||
          payment.payment.payment_intent === params.payment.payment_intent) &&
        (params.status === undefined || payment.status === params.status) &&
        inRange(payment.created, params.created),
    ),
  ),
];

/** Returns the payments of an invoice, for `expand: ["payments"]`. */
export function paymentsOf(world: World, invoice: string): Stripe.ApiList<Stripe.InvoicePayment> {
  return {
    object: "list",
    data: world.tables.invoicePayments.under(invoice),
    has_more: false,
    url: `/v1/invoice_payments?invoice=${invoice}`,
  };
}

/** Returns the client secret of an invoice's payment, for `expand: ["confirmation_secret"]`. */
export function confirmationSecretOf(
  world: World,
  invoice: string,
): Stripe.Invoice.ConfirmationSecret | null {
  const secret = findInvoiceIntent(world, invoice)?.client_secret;
  return secret ? { client_secret: secret, type: "payment_intent" } : null;
}
