import type Stripe from "stripe";
import { amountFor } from "#sandbox/stripe/catalog/price-amount.ts";
import type { Purchase } from "#sandbox/stripe/discounts/assert-redeemable.ts";
import { removeDiscount } from "#sandbox/stripe/discounts/discount-terms.ts";
import {
  type DiscountRequest,
  emitDiscountsCreated,
  redeemDiscounts,
} from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type SubscriptionDiscountRequest = {
  discounts?: DiscountRequest[];
  areDiscountsValidated?: boolean;
  items: { discounts?: DiscountRequest[] }[];
};

/** Returns a new subscription with its requested discounts and those of its items redeemed. */
export function withDiscounts(
  world: World,
  subscription: Stripe.Subscription,
  requested: SubscriptionDiscountRequest,
): Stripe.Subscription {
  const target = { customer: idOf(subscription.customer), subscription: subscription.id };
  const purchase = requested.areDiscountsValidated ? null : toPurchase(world, subscription);
  const data = subscription.items.data.map((item, position) => {
    const itemRequests = requested.items[position]?.discounts ?? [];
    const itemTarget = { ...target, subscriptionItem: item.id };
    const discounts = redeemDiscounts(
      world,
      itemRequests,
      itemTarget,
      purchase,
      `items[${position}][discounts]`,
    );
    return { ...item, discounts };
  });
  return {
    ...subscription,
    discounts: redeemDiscounts(world, requested.discounts ?? [], target, purchase),
    items: { ...subscription.items, data },
  };
}

/** Returns the discount ids of a subscription and its items. */
export function discountIdsOf(subscription: Stripe.Subscription): string[] {
  return [subscription, ...subscription.items.data].flatMap((row) => row.discounts.map(idOf));
}

/** Replaces the discounts of a running subscription; discounts that are not in the request are removed. */
export function changeDiscounts(
  world: World,
  subscription: Stripe.Subscription,
  requested: DiscountRequest[] | null,
): string[] {
  const target = { customer: idOf(subscription.customer), subscription: subscription.id };
  const ids = redeemDiscounts(world, requested ?? [], target, toPurchase(world, subscription));
  const present = subscription.discounts.map(idOf);
  for (const id of present) if (!ids.includes(id)) removeDiscount(world, id);
  emitDiscountsCreated(
    world,
    ids.filter((id) => !present.includes(id)),
  );
  return ids;
}

/** Redeems discounts for an item that may not exist yet; `assignItemDiscounts` sets their item afterwards. */
export function redeemForItem(
  world: World,
  subscription: Stripe.Subscription,
  requested: DiscountRequest[] | null,
  path: string,
): string[] {
  const target = { customer: idOf(subscription.customer), subscription: subscription.id };
  return redeemDiscounts(world, requested ?? [], target, toPurchase(world, subscription), path);
}

/** After items changed: assigns new discounts to their items and removes discounts no item has any more. */
export function assignItemDiscounts(world: World, before: Stripe.Subscription): void {
  const after = world.tables.subscriptions.get(before.id);
  if (!after) return;
  const previous = new Set(discountIdsOf(before));
  for (const item of after.items.data) {
    for (const id of item.discounts.map(idOf)) {
      const row = world.tables.discounts.get(id);
      if (previous.has(id) || !row || row.deleted) continue;
      world.tables.discounts.put({ ...row, subscription_item: item.id });
      emitDiscountsCreated(world, [id]);
    }
  }
  const remaining = new Set(discountIdsOf(after));
  for (const id of previous) if (!remaining.has(id)) removeDiscount(world, id);
}

function toPurchase(world: World, subscription: Stripe.Subscription): Purchase {
  const amounts = subscription.items.data.map((item) => amountFor(world, item.price, item.quantity ?? 0));
  return { currency: subscription.currency, amount: amounts.reduce((sum, amount) => sum + amount, 0) };
}
