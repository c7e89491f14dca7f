import type Stripe from "stripe";
import { amountFor } from "#sandbox/stripe/catalog/price-amount.ts";
import { findProductName } from "#sandbox/stripe/catalog/prices.ts";
import { allocateDiscounts, periodDiscounts } from "#sandbox/stripe/discounts/proration-discounts.ts";
import { dayText, isBilledInAdvance, type LinePart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { naturalPeriod, startsFree } from "#sandbox/stripe/subscriptions/start/billing-anchor.ts";

type Span = { start: number; end: number };

/** The share of an amount for the rest of a period, rounded to the smallest unit. */
export function prorate(amount: number, at: number, period: Span): number {
  const share = (amount * (period.end - at)) / (period.end - period.start);
  // Halves round away from zero, so that credit and charge of the same amount are equal.
  return Math.sign(share) * Math.round(Math.abs(share));
}

/** Credits for unused time of changed items and charges for their replacements. */
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

/** Credit (-1) or charge (1) for the rest of the period; metered items have no unused time. */
export function restOfPeriodParts(
  world: World,
  subscription: Stripe.Subscription,
  items: Stripe.SubscriptionItem[],
  at: number,
  sign: 1 | -1,
): LinePart[] {
  return items.filter(isBilledInAdvance).flatMap((item) => {
    const current = { start: item.current_period_start, end: item.current_period_end };
    const isUnpaid = current.start < subscription.billing_cycle_anchor && startsFree(world, subscription.id);
    // Free time before the first billing anchor is not credited.
    if (sign < 0 && isUnpaid) return [];
    const whole = item.price.recurring ? naturalPeriod(subscription, item.price.recurring, current) : current;
    const quantity = item.quantity ?? 1;
    const product = findProductName(world, item.price);
    const name = quantity === 1 ? product : `${quantity} × ${product}`;
    const amount = amountFor(world, item.price, quantity);
    const discounts = periodDiscounts(world, subscription, item, amount, sign);
    const discount = discounts.reduce((sum, each) => sum + each.amount, 0);
    const gross = prorate(amount, at, whole);
    const net = prorate(Math.max(0, amount - discount), at, whole);
    return {
      // Adding 0 avoids -0.
      amount: 0 + sign * net,
      prorationDiscounts: allocateDiscounts(discounts, gross - net).map((each) => ({
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
