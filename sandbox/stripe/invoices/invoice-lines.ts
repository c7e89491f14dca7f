import Stripe from "stripe";
import { chargesFor, type PriceCharge } from "#sandbox/stripe/catalog/price-amount.ts";
import { findProductName } from "#sandbox/stripe/catalog/prices.ts";
import { findActiveTerms } from "#sandbox/stripe/discounts/discount-terms.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { naturalPeriod, startsFree } from "#sandbox/stripe/subscriptions/start/billing-anchor.ts";

/** The input of one invoice line. Previews and invoices are both computed from these. */
export type LinePart = {
  amount: number;
  description: string;
  period: { start: number; end: number };
  price: Stripe.Price;
  quantity: number;
  /** Price of one unit, when it differs from the price object's (tiers). */
  unitAmount?: Stripe.Decimal;
  isProration: boolean;
  /** Whether invoice discounts apply; by default true except for prorations. */
  isDiscountable?: boolean;
  /** Discounts of this line only. */
  discounts?: DiscountTerms[];
  /** Discounts that are already subtracted from a proration's amount. */
  prorationDiscounts?: { amount: number; discount: string }[];
  subscription: string | null;
  subscriptionItem: string | null;
  invoiceItem: string | null;
  metadata: Record<string, string>;
};

/** Returns the lines for a full period of the items billed in advance, at amount 0 in a trial period. */
export function fullPeriodParts(
  world: World,
  subscription: Stripe.Subscription,
  items: Stripe.SubscriptionItem[],
  isTrial: boolean,
): LinePart[] {
  return items.filter(isBilledInAdvance).flatMap((item) => {
    const period = { start: item.current_period_start, end: item.current_period_end };
    if (!isTrial) return toPeriodParts(world, subscription, item, period);
    const quantity = item.quantity ?? 1;
    const description = `Trial period for ${findProductName(world, item.price)}`;
    return chargesFor(world, item.price, quantity)
      .slice(0, 1)
      .map((charge) => ({
        ...toChargePart(world, subscription, item, charge),
        amount: 0,
        quantity,
        description,
      }));
  });
}

/**
 * Returns the lines of an item for a period. A period before the first billing anchor is prorated by its
 * share of a whole one, or free if the subscription was created without prorations.
 */
export function toPeriodParts(
  world: World,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  period: { start: number; end: number },
): LinePart[] {
  const parts = chargesFor(world, item.price, item.quantity ?? 1).map((charge) => ({
    ...toChargePart(world, subscription, item, charge),
    period,
  }));
  const { recurring } = item.price;
  const isFree = period.start < subscription.billing_cycle_anchor && startsFree(world, subscription.id);
  const natural = recurring ? naturalPeriod(subscription, recurring, period) : period;
  const isWhole = natural.start === period.start && natural.end === period.end;
  if (isWhole && !isFree) return parts;
  const share = isFree ? 0 : (period.end - period.start) / (natural.end - natural.start);
  const description = `Time on ${findProductName(world, item.price)} from ${dayText(period.start)} until ${dayText(period.end)}`;
  return parts.map((part) => ({
    ...part,
    amount: Math.round(part.amount * share),
    description,
    isProration: true,
    isDiscountable: true,
  }));
}

/** Formats a day as Stripe's invoice lines do: "05 May 2026". */
export function dayText(at: number): string {
  return new Date(at * 1000).toLocaleDateString("en-GB", {
    day: "2-digit",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
}

/** Returns whether an item is billed at the start of its period; metered usage is billed at its end. */
export function isBilledInAdvance(item: Stripe.SubscriptionItem): boolean {
  return item.price.recurring?.usage_type !== "metered";
}

/** Returns the line of one charge of a subscription item, for the item's current period. */
export function toChargePart(
  world: World,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  charge: PriceCharge,
): LinePart {
  const name = findProductName(world, item.price);
  const rate =
    charge.tier === null
      ? `at ${formatPrice(item.price)}`
      : `Tier ${charge.tier} at ${formatUnitPrice(charge.unitAmount, item.price.currency)}`;
  return {
    amount: charge.amount,
    description: charge.isFlat ? `${name} (${rate}, flat)` : `${charge.quantity} × ${name} (${rate})`,
    period: { start: item.current_period_start, end: item.current_period_end },
    price: item.price,
    quantity: charge.quantity,
    unitAmount: charge.unitAmount,
    isProration: false,
    discounts: findActiveTerms(world, item.discounts),
    subscription: subscription.id,
    subscriptionItem: item.id,
    invoiceItem: null,
    metadata: subscription.metadata,
  };
}

/** Returns the line of a pending invoice item. */
export function toItemPart(world: World, item: Stripe.InvoiceItem): LinePart {
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
    discounts: findActiveTerms(world, item.discounts ?? []),
    subscription: details?.subscription ?? null,
    subscriptionItem: details?.subscription_item ?? null,
    invoiceItem: item.id,
    metadata: item.metadata ?? {},
  };
}

/** Builds an invoice line. */
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

/** Formats a price with its interval, for example "$19.00 / month". */
export function formatPrice(price: Stripe.Price): string {
  const { transform_quantity: transform, unit_amount_decimal: unit } = price;
  const rate = unit === null ? "tiered" : formatUnitPrice(unit, price.currency);
  const amount = transform === null ? rate : `${rate} per ${transform.divide_by}`;
  if (!price.recurring) return amount;
  const { interval, interval_count: count } = price.recurring;
  return count === 1 ? `${amount} / ${interval}` : `${amount} every ${count} ${interval}s`;
}

/** Formats an amount given in the currency's minor unit: "$19.00", "-$3.10". */
export function formatAmount(amount: number, currency: string): string {
  const format = formats.get(currency) ?? new Intl.NumberFormat("en-US", { style: "currency", currency });
  formats.set(currency, format);
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}

/** Formats a unit price, which may be a fraction of the minor unit: "$0.0004". */
function formatUnitPrice(amount: Stripe.Decimal, currency: string): string {
  // Decimals restored from the journal are strings.
  const cents = Number(String(amount));
  if (Number.isInteger(cents)) return formatAmount(cents, currency);
  const style = { style: "currency", currency } as const;
  const digits = new Intl.NumberFormat("en-US", style).resolvedOptions().maximumFractionDigits ?? 2;
  const exact = new Intl.NumberFormat("en-US", { ...style, maximumFractionDigits: 14 });
  return exact.format(cents / 10 ** digits);
}

/** Formats by currency: creating one is slow, and every invoice line needs it. */
const formats = new Map<string, Intl.NumberFormat>();
