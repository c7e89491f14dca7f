import type Stripe from "stripe";
import { applyDiscounts, distribute } from "#sandbox/stripe/discounts/apply-discounts.ts";
import { inheritedTerms, liveTerms } from "#sandbox/stripe/discounts/running-discounts.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type DiscountAmount = { amount: number; discount: string };
type Billed = { amount: number; period: { start: number; end: number }; discounts: DiscountAmount[] };

/**
 * What discounts take off a whole period of an item: of one that is charged, those that run now; of one that is
 * credited, those that it was billed with, so that nobody is given back what they did not pay.
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
    : runningDiscounts(world, subscription, item, amount);
}

/** A part of what discounts take off, spread over them so that the shares sum to it. */
export function shareOf(discounts: DiscountAmount[], amount: number): DiscountAmount[] {
  const weights = discounts.map((each) => each.amount);
  const shares = distribute(amount, weights);
  return discounts.map(({ discount }, position) => ({ discount, amount: shares[position] ?? 0 }));
}

function runningDiscounts(
  world: World,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  amount: number,
): DiscountAmount[] {
  const own = liveTerms(world, item.discounts);
  const whole = inheritedTerms(world, idOf(subscription.customer), subscription);
  // A fixed amount off falls on all items of the subscription, as it does on its invoices.
  const lines = subscription.items.data
    .filter((other) => other.id !== item.id)
    .map((other) => lineOf(other, (other.price.unit_amount ?? 0) * (other.quantity ?? 0), []));
  const line = lineOf(item, amount, item.discounts.map(idOf));
  return applyDiscounts([line, ...lines], own, whole).byLine[0] ?? [];
}

function lineOf(item: Stripe.SubscriptionItem, amount: number, discounts: string[]) {
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

/** The discounts on what the item's period was last billed by, scaled to the whole period. */
function billedDiscounts(
  world: World,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
): DiscountAmount[] {
  const length = item.current_period_end - item.current_period_start;
  const sums = new Map<string, number>();
  for (const { period, discounts } of lastBilled(world, subscription, item)) {
    const scale = length / Math.max(1, period.end - period.start);
    for (const { amount, discount } of discounts) {
      sums.set(discount, (sums.get(discount) ?? 0) + Math.round(amount * scale));
    }
  }
  return [...sums].map(([discount, amount]) => ({ discount, amount }));
}

/** What charged the rest of the item's period: a proration that waits still, else the lines of the latest invoice. */
function lastBilled(
  world: World,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
): Billed[] {
  const isMeant = (row: { amount: number; period: { end: number } }, price: string | undefined) =>
    row.amount > 0 && row.period.end === item.current_period_end && price === item.price.id;
  const customer = idOf(subscription.customer);
  const waiting = world.tables.invoiceItems
    .under(customer)
    .filter((row) => row.parent?.subscription_details?.subscription_item === item.id && row.invoice === null)
    .findLast((row) => isMeant(row, idOfPrice(row.pricing)));
  if (waiting) return [{ ...waiting, discounts: prorationDiscounts(waiting) }];
  const invoices = world.tables.invoices.filter(
    (invoice) => invoice.customer === customer && invoice.status !== "void",
  );
  for (const invoice of invoices.toReversed()) {
    const lines = invoice.lines.data.filter(
      (line) =>
        line.parent?.subscription_item_details?.subscription_item === item.id &&
        isMeant(line, idOfPrice(line.pricing)),
    );
    if (lines.length > 0) return lines.map((line) => ({ ...line, discounts: discountsOfLine(world, line) }));
  }
  return [];
}

function idOfPrice(pricing: Stripe.InvoiceLineItem["pricing"]): string | undefined {
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
