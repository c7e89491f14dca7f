import type Stripe from "stripe";
import {
  applyDiscounts,
  type DiscountAmount,
  distribute,
} from "#sandbox/stripe/discounts/apply-discounts.ts";
import { findActiveTerms, findInheritedTerms } from "#sandbox/stripe/discounts/discount-terms.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type BilledCharge = { amount: number; period: { start: number; end: number }; discounts: DiscountAmount[] };

/**
 * Returns the discounts on a full period of an item: the active ones for a charge, the billed ones for a
 * credit, so that a credit never exceeds what was paid.
 */
export function periodDiscounts(
  world: World,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  amount: number,
  sign: 1 | -1,
): DiscountAmount[] {
  if (world.tables.discounts.size === 0) return [];
  return sign < 0
    ? billedDiscounts(world, subscription, item)
    : activeDiscounts(world, subscription, item, amount);
}

/** Distributes an amount over discounts in proportion to their amounts; the shares add up to it. */
export function allocateDiscounts(discounts: DiscountAmount[], amount: number): DiscountAmount[] {
  const weights = discounts.map((each) => each.amount);
  const shares = distribute(amount, weights);
  return discounts.map(({ discount }, position) => ({ discount, amount: shares[position] ?? 0 }));
}

function activeDiscounts(
  world: World,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  amount: number,
): DiscountAmount[] {
  const own = findActiveTerms(world, item.discounts);
  const invoiceTerms = findInheritedTerms(world, idOf(subscription.customer), subscription);
  // A fixed amount off is distributed over all items of the subscription, as on its invoices.
  const lines = subscription.items.data
    .filter((other) => other.id !== item.id)
    .map((other) => toDiscountableLine(other, (other.price.unit_amount ?? 0) * (other.quantity ?? 0), []));
  const line = toDiscountableLine(item, amount, item.discounts.map(idOf));
  return applyDiscounts([line, ...lines], own, invoiceTerms).byLine[0] ?? [];
}

function toDiscountableLine(item: Stripe.SubscriptionItem, amount: number, discounts: string[]) {
  const { price } = item;
  const details = { price: price.id, product: idOf(price.product) };
  return {
    amount,
    currency: price.currency,
    discountable: true,
    discounts,
    pricing: { type: "price_details" as const, price_details: details, unit_amount_decimal: null },
  };
}

/** Returns the discounts with which the item's period was last billed, scaled to the full period. */
function billedDiscounts(
  world: World,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
): DiscountAmount[] {
  const length = item.current_period_end - item.current_period_start;
  const sums = new Map<string, number>();
  for (const { period, discounts } of findLatestCharges(world, subscription, item)) {
    const scale = length / Math.max(1, period.end - period.start);
    for (const { amount, discount } of discounts) {
      sums.set(discount, (sums.get(discount) ?? 0) + Math.round(amount * scale));
    }
  }
  return [...sums].map(([discount, amount]) => ({ discount, amount }));
}

/**
 * Returns the latest charges of the item's period: a pending proration, else the lines of the latest invoice.
 */
function findLatestCharges(
  world: World,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
): BilledCharge[] {
  const matchesItem = (row: { amount: number; period: { end: number } }, price: string | undefined) =>
    row.amount > 0 && row.period.end === item.current_period_end && price === item.price.id;
  const customer = idOf(subscription.customer);
  const pending = world.tables.invoiceItems
    .under(customer)
    .filter((row) => row.parent?.subscription_details?.subscription_item === item.id && row.invoice === null)
    .findLast((row) => matchesItem(row, priceIdOf(row.pricing)));
  if (pending) return [{ ...pending, discounts: prorationDiscounts(pending) }];
  const invoices = world.tables.invoices.filter(
    (invoice) => invoice.customer === customer && invoice.status !== "void",
  );
  for (const invoice of invoices.toReversed()) {
    const lines = invoice.lines.data.filter(
      (line) =>
        line.parent?.subscription_item_details?.subscription_item === item.id &&
        matchesItem(line, priceIdOf(line.pricing)),
    );
    if (lines.length > 0) return lines.map((line) => ({ ...line, discounts: discountsOfLine(world, line) }));
  }
  return [];
}

function priceIdOf(pricing: Stripe.InvoiceLineItem["pricing"]): string | undefined {
  const price = pricing?.price_details?.price;
  return price === undefined ? undefined : idOf(price);
}

function discountsOfLine(world: World, line: Stripe.InvoiceLineItem): DiscountAmount[] {
  const item = world.tables.invoiceItems.get(line.parent?.subscription_item_details?.invoice_item ?? "");
  if (item?.proration) return prorationDiscounts(item);
  return (line.discount_amounts ?? []).map((each) => ({
    amount: each.amount,
    discount: idOf(each.discount),
  }));
}

function prorationDiscounts(item: Stripe.InvoiceItem): DiscountAmount[] {
  const amounts = item.proration_details?.discount_amounts ?? [];
  return amounts.map((each) => ({ amount: each.amount, discount: idOf(each.discount) }));
}
