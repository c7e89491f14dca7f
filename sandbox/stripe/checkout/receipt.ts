import type Stripe from "stripe";
import { amountFor } from "#sandbox/stripe/catalog/price-amount.ts";
import { findProductName } from "#sandbox/stripe/catalog/prices.ts";
import { orderAmountDue } from "#sandbox/stripe/checkout/session-object.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { findTerms } from "#sandbox/stripe/discounts/discount-terms.ts";
import { createInvoiceItem } from "#sandbox/stripe/invoices/create-invoice-item.ts";
import { toItemPart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { draftInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { CheckoutOrder } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { finalizeAndCollect } from "#sandbox/stripe/subscriptions/collect.ts";

/**
 * Creates the invoice of a successful one-time payment (`invoice_creation`): the lines of the order and
 * nothing else, paid by the session's payment intent. Returns its id, or null if none was requested, or the
 * customer was deleted before a delayed payment succeeded.
 */
export function createReceipt(
  world: World,
  session: Stripe.Checkout.Session,
  order: CheckoutOrder,
): string | null {
  const customer = idOrNull(session.customer);
  const intent = idOrNull(session.payment_intent);
  if (customer === null || !session.invoice_creation?.enabled) return null;
  if (world.tables.customers.get(customer) === undefined) return null;
  const id = newStripeId("in");
  const items = order.lines.flatMap((line) => createOrderItem(world, line, customer, id));
  const at = nowFor(world, customer);
  draftInvoice(world, {
    id,
    customer: findCustomer(world, customer),
    currency: session.currency ?? "usd",
    subscription: null,
    reason: "manual",
    parts: items.map((item) => toItemPart(world, item)),
    period: { start: at, end: at },
    discounts: findTerms(world, order.redeemedDiscounts),
    metadata: order.metadata,
    automaticTax: session.automatic_tax.enabled,
    pendingItems: "none",
  });
  if (orderAmountDue(world, order) > 0) {
    finalizeAndCollect(world, id, { onSession: true, reuseIntent: intent });
  }
  return id;
}

function createOrderItem(
  world: World,
  line: CheckoutOrder["lines"][number],
  customer: string,
  invoice: string,
): Stripe.InvoiceItem[] {
  const price = world.tables.prices.get(line.price);
  if (!price) return [];
  const at = nowFor(world, customer);
  const item = createInvoiceItem(world, {
    amount: amountFor(world, price, line.quantity),
    customer,
    description: findProductName(world, price),
    invoice,
    period: { start: at, end: at },
    price,
    quantity: line.quantity,
    isProration: false,
    subscription: null,
    subscriptionItem: null,
    metadata: {},
  });
  return [item];
}
