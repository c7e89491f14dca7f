import Stripe from "stripe";
import { chargesFor, type PriceCharge } from "#sandbox/stripe/catalogue/price-amount.ts";
import { productNameOf } from "#sandbox/stripe/catalogue/prices.ts";
import { liveTerms } from "#sandbox/stripe/discounts/running-discounts.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** What one line of an invoice says, before it is a line: so that a preview and an invoice share the reckoning. */
export type LinePart = {
  amount: number;
  description: string;
  period: { start: number; end: number };
  price: Stripe.Price;
  quantity: number;
  /** The price of one unit where the price itself does not say it (a tier's). */
  unitAmount?: Stripe.Decimal;
  isProration: boolean;
  /** Whether the discounts of the invoice apply; said of everything but prorations unless it says otherwise. */
  isDiscountable?: boolean;
  /** Discounts of this line alone. */
  discounts?: DiscountTerms[];
  /** What discounts already took off a proration's amount. */
  prorationDiscounts?: { amount: number; discount: string }[];
  subscription: string | null;
  subscriptionItem: string | null;
  invoiceItem: string | null;
  metadata: Record<string, string>;
};

/** The lines for a whole period of each item that is billed ahead; free when the period is a trial. */
export function wholePeriodParts(
  world: World,
  subscription: Stripe.Subscription,
  items: Stripe.SubscriptionItem[],
  isTrial: boolean,
): LinePart[] {
  return items.filter(isBilledAhead).flatMap((item) => {
    const quantity = item.quantity ?? 1;
    const parts = chargesFor(world, item.price, quantity).map((charge) =>
      chargePart(world, subscription, item, charge),
    );
    if (!isTrial) return parts;
    const description = `Trial period for ${productNameOf(world, item.price)}`;
    return parts.slice(0, 1).map((part) => ({ ...part, amount: 0, quantity, description }));
  });
}

/** Whether an item is paid for at the start of a period; usage is paid for at its end. */
export function isBilledAhead(item: Stripe.SubscriptionItem): boolean {
  return item.price.recurring?.usage_type !== "metered";
}

/** The line one charge of a subscription item becomes, for the item's own period. */
export function chargePart(
  world: World,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  charge: PriceCharge,
): LinePart {
  const name = productNameOf(world, item.price);
  const rate =
    charge.tier === null
      ? `at ${priceText(item.price)}`
      : `Tier ${charge.tier} at ${rateText(charge.unitAmount, item.price.currency)}`;
  return {
    amount: charge.amount,
    description: charge.isFlat ? `${name} (${rate}, flat)` : `${charge.quantity} × ${name} (${rate})`,
    period: { start: item.current_period_start, end: item.current_period_end },
    price: item.price,
    quantity: charge.quantity,
    unitAmount: charge.unitAmount,
    isProration: false,
    discounts: liveTerms(world, item.discounts),
    subscription: subscription.id,
    subscriptionItem: item.id,
    invoiceItem: null,
    metadata: subscription.metadata,
  };
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
    isDiscountable: item.discountable,
    discounts: liveTerms(world, item.discounts ?? []),
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
    discountable: part.isDiscountable ?? !part.isProration,
    discounts: (part.discounts ?? []).map((terms) => terms.id),
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
      unit_amount_decimal:
        part.unitAmount ?? Stripe.Decimal.from(String(part.price.unit_amount_decimal ?? 0)),
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
  const { transform_quantity: packs, unit_amount_decimal: unit } = price;
  const rate = unit === null ? "tiered" : rateText(unit, price.currency);
  const amount = packs === null ? rate : `${rate} per ${packs.divide_by}`;
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

/** Like `moneyText` for the price of a unit, which may be a fraction of the smallest unit: "$0.0004". */
function rateText(amount: Stripe.Decimal, currency: string): string {
  // The journal gives a decimal back as a string.
  const cents = Number(String(amount));
  if (Number.isInteger(cents)) return moneyText(cents, currency);
  const style = { style: "currency", currency } as const;
  const digits = new Intl.NumberFormat("en-US", style).resolvedOptions().maximumFractionDigits ?? 2;
  const exact = new Intl.NumberFormat("en-US", { ...style, maximumFractionDigits: 14 });
  return exact.format(cents / 10 ** digits);
}

/** Making a format is slow, and every line of every invoice needs one. */
const formats = new Map<string, Intl.NumberFormat>();
