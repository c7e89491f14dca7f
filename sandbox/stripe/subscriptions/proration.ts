import type Stripe from "stripe";
import { amountFor } from "#sandbox/stripe/catalogue/price-amount.ts";
import { productNameOf } from "#sandbox/stripe/catalogue/prices.ts";
import { periodDiscounts, shareOf } from "#sandbox/stripe/discounts/proration-discounts.ts";
import { isBilledAhead, type LinePart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Span = { start: number; end: number };

/** The part of an amount that falls on the rest of a period, rounded to the smallest unit. */
export function prorate(amount: number, at: number, period: Span): number {
  const share = (amount * (period.end - at)) / (period.end - period.start);
  // Halves round away from zero on either side, so that a credit mirrors the charge of the same amount.
  return Math.sign(share) * Math.round(Math.abs(share));
}

/** Credit for the unused time of items that change, and charge for the rest of the period of what replaces them. */
export function prorationParts(
  world: World,
  subscription: Stripe.Subscription,
  after: Stripe.SubscriptionItem[],
  at: number,
  startsPeriod: boolean,
): LinePart[] {
  const before = subscription.items.data;
  const differs = (a: Stripe.SubscriptionItem, b: Stripe.SubscriptionItem | undefined) =>
    b === undefined || a.price.id !== b.price.id || a.quantity !== b.quantity || startsPeriod;
  const without = (item: Stripe.SubscriptionItem, others: Stripe.SubscriptionItem[]) =>
    differs(
      item,
      others.find((other) => other.id === item.id),
    );
  const credited = before.filter((item) => without(item, after));
  const charged = startsPeriod ? [] : after.filter((item) => without(item, before));
  return [
    ...restOfPeriodParts(world, subscription, credited, at, -1),
    ...restOfPeriodParts(world, subscription, charged, at, 1),
  ];
}

/** Credit (-1) or charge (1) for what is left of the items' period; what a meter counts has no unused time. */
export function restOfPeriodParts(
  world: World,
  subscription: Stripe.Subscription,
  items: Stripe.SubscriptionItem[],
  at: number,
  sign: 1 | -1,
): LinePart[] {
  return items.filter(isBilledAhead).map((item) => {
    const whole = { start: item.current_period_start, end: item.current_period_end };
    const quantity = item.quantity ?? 1;
    const product = productNameOf(world, item.price);
    const name = quantity === 1 ? product : `${quantity} × ${product}`;
    const amount = amountFor(world, item.price, quantity);
    const discounts = periodDiscounts(world, subscription, item, amount, sign);
    const discount = discounts.reduce((sum, each) => sum + each.amount, 0);
    const gross = prorate(amount, at, whole);
    const net = prorate(Math.max(0, amount - discount), at, whole);
    return {
      // Added to 0, so that no credit is the number -0.
      amount: 0 + sign * net,
      prorationDiscounts: shareOf(discounts, gross - net).map((each) => ({
        ...each,
        amount: 0 + sign * each.amount,
      })),
      description: `${sign < 0 ? "Unused" : "Remaining"} time on ${name} after ${dayText(at)}`,
      period: { start: at, end: whole.end },
      price: item.price,
      quantity,
      isProration: true,
      subscription: subscription.id,
      subscriptionItem: item.id,
      invoiceItem: null,
      metadata: subscription.metadata,
    };
  });
}

function dayText(at: number): string {
  return new Date(at * 1000).toLocaleDateString("en-GB", {
    day: "2-digit",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
}
