import Stripe from "stripe";
import type { LinePart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { create, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Creates an item that the next invoice of the customer or subscription bills. */
export function createInvoiceItem(
  world: World,
  part: Omit<LinePart, "invoiceItem"> & { customer: string; id?: string; invoice?: string | null },
): Stripe.InvoiceItem {
  const item: Stripe.InvoiceItem = {
    id: part.id ?? newStripeId("ii"),
    object: "invoiceitem",
    amount: part.amount,
    currency: part.price.currency,
    customer: part.customer,
    customer_account: null,
    date: nowFor(world, part.customer),
    description: part.description,
    discountable: part.isDiscountable ?? !part.isProration,
    discounts: (part.discounts ?? []).map((terms) => terms.id),
    invoice: part.invoice ?? null,
    livemode: false,
    metadata: part.metadata,
    net_amount: part.amount,
    parent: part.subscription
      ? {
          type: "subscription_details",
          subscription_details: {
            subscription: part.subscription,
            ...(part.subscriptionItem ? { subscription_item: part.subscriptionItem } : {}),
          },
        }
      : null,
    period: part.period,
    pricing: {
      type: "price_details",
      price_details: { price: part.price.id, product: idOf(part.price.product) },
      unit_amount_decimal:
        part.unitAmount ?? Stripe.Decimal.from(String(part.price.unit_amount_decimal ?? 0)),
    },
    proration: part.isProration,
    ...(part.isProration
      ? { proration_details: { credited_items: null, discount_amounts: part.prorationDiscounts ?? [] } }
      : {}),
    quantity: part.quantity,
    quantity_decimal: Stripe.Decimal.from(part.quantity),
    tax_rates: [],
    test_clock: world.tables.customers.get(part.customer)?.test_clock ?? null,
  };
  return create(world, world.tables.invoiceItems, item, "invoiceitem.created");
}
