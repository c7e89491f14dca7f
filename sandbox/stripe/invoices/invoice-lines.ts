import Stripe from "stripe";
import { productNameOf } from "#sandbox/stripe/catalogue/prices.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** What one line of an invoice says, before it is a line: so that a preview and an invoice share the reckoning. */
export type LinePart = {
  amount: number;
  description: string;
  period: { start: number; end: number };
  price: Stripe.Price;
  quantity: number;
  isProration: boolean;
  subscription: string | null;
  subscriptionItem: string | null;
  invoiceItem: string | null;
  metadata: Record<string, string>;
};

/** The lines for a whole period of each item of a subscription; free when the period is a trial. */
export function wholePeriodParts(
  world: World,
  subscription: Stripe.Subscription,
  items: Stripe.SubscriptionItem[],
  isTrial: boolean,
): LinePart[] {
  return items.map((item) => {
    const quantity = item.quantity ?? 1;
    const name = productNameOf(world, item.price);
    return {
      amount: isTrial ? 0 : (item.price.unit_amount ?? 0) * quantity,
      description: isTrial
        ? `Trial period for ${name}`
        : `${quantity} × ${name} (at ${priceText(item.price)})`,
      period: { start: item.current_period_start, end: item.current_period_end },
      price: item.price,
      quantity,
      isProration: false,
      subscription: subscription.id,
      subscriptionItem: item.id,
      invoiceItem: null,
      metadata: subscription.metadata,
    };
  });
}

/** The line a pending invoice item becomes. */
export function partOfInvoiceItem(world: World, item: Stripe.InvoiceItem): LinePart {
  const price = item.pricing?.price_details?.price;
  const found = price === undefined ? undefined : world.tables.prices.get(idOf(price));
  if (!found) throw new Error(`${item.id} has no price`);
  const details = item.parent?.subscription_details;
  return {
    amount: item.amount,
    description: item.description ?? "",
    period: item.period,
    price: found,
    quantity: item.quantity,
    isProration: item.proration,
    subscription: details?.subscription ?? null,
    subscriptionItem: details?.subscription_item ?? null,
    invoiceItem: item.id,
    metadata: item.metadata ?? {},
  };
}

/** A line of an invoice. */
export function buildLine(part: LinePart, invoice: string, currency: string): Stripe.InvoiceLineItem {
  const details = { proration: part.isProration, proration_details: { credited_items: null } };
  return {
    id: newStripeId("il"),
    object: "line_item",
    amount: part.amount,
    currency,
    description: part.description,
    discount_amounts: [],
    discountable: !part.isProration,
    discounts: [],
    invoice,
    livemode: false,
    metadata: part.metadata,
    parent: part.subscriptionItem
      ? {
          type: "subscription_item_details",
          invoice_item_details: null,
          subscription_item_details: {
            ...details,
            invoice_item: part.invoiceItem,
            subscription: part.subscription,
            subscription_item: part.subscriptionItem,
          },
        }
      : {
          type: "invoice_item_details",
          invoice_item_details: {
            ...details,
            invoice_item: part.invoiceItem ?? "",
            subscription: part.subscription,
          },
          subscription_item_details: null,
        },
    period: part.period,
    pretax_credit_amounts: [],
    pricing: {
      type: "price_details",
      price_details: { price: part.price.id, product: idOf(part.price.product) },
      unit_amount_decimal: Stripe.Decimal.from(part.price.unit_amount ?? 0),
    },
    quantity: part.quantity,
    quantity_decimal: Stripe.Decimal.from(part.quantity),
    subscription: part.subscription,
    subtotal: part.amount,
    taxes: [],
  };
}

/** "$19.00 / month" */
export function priceText(price: Stripe.Price): string {
  const amount = moneyText(price.unit_amount ?? 0, price.currency);
  if (!price.recurring) return amount;
  const { interval, interval_count: count } = price.recurring;
  return count === 1 ? `${amount} / ${interval}` : `${amount} every ${count} ${interval}s`;
}

/** An amount in the currency's smallest unit as people write it: "$19.00", "-$3.10". */
export function moneyText(amount: number, currency: string): string {
  const format = formats.get(currency) ?? new Intl.NumberFormat("en-US", { style: "currency", currency });
  formats.set(currency, format);
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}

/** Making a format is slow, and every line of every invoice needs one. */
const formats = new Map<string, Intl.NumberFormat>();
