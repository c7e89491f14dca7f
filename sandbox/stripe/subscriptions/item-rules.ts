import type Stripe from "stripe";
import { assertCurrency } from "#sandbox/stripe/catalog/resolve-price.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { sameInterval } from "#sandbox/stripe/subscriptions/periods.ts";

/** Throws for items with different currencies or intervals, or with the same price. */
export function assertTogether(items: Stripe.SubscriptionItem[]): void {
  const prices = items.map(({ price }) => price);
  assertDistinct(prices);
  assertOneRhythm(prices);
  for (const [position, price] of prices.entries()) {
    assertCurrency(price, prices[0]?.currency, `items[${position}][price]`);
  }
}

/** Throws for different intervals; the sandbox bills all items of a subscription together. */
export function assertOneRhythm(prices: Stripe.Price[], param = "items"): void {
  const [first, ...others] = prices.flatMap((price) => price.recurring ?? []);
  if (first === undefined || others.every((other) => sameInterval(first, other))) return;
  throw invalid("The sandbox bills all items of a subscription at the same interval.", param);
}

/** Throws if two items have the same price. */
export function assertDistinct(prices: Stripe.Price[], param = "items"): void {
  const ids = prices.map(({ id }) => id);
  const twice = ids.find((id, position) => ids.indexOf(id) !== position);
  if (twice === undefined) return;
  throw invalid(`Cannot add multiple subscription items with the same plan: ${twice}`, param);
}
