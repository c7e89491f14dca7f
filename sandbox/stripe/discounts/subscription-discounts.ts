import type Stripe from "stripe";
import { amountFor } from "#sandbox/stripe/catalogue/price-amount.ts";
import {
  announceDiscounts,
  type DiscountWish,
  type Purchase,
  redeemAll,
} from "#sandbox/stripe/discounts/redeem.ts";
import { removeDiscount } from "#sandbox/stripe/discounts/running-discounts.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Wishes = {
  discounts?: DiscountWish[];
  discountsAreChecked?: boolean;
  items: { discounts?: DiscountWish[] }[];
};

/** A new subscription with the discounts it was asked for, on it and on its items. */
export function withDiscounts(
  world: World,
  subscription: Stripe.Subscription,
  wishes: Wishes,
): Stripe.Subscription {
  const holder = { customer: idOf(subscription.customer), subscription: subscription.id };
  const purchase = wishes.discountsAreChecked ? null : purchaseOf(world, subscription);
  const data = subscription.items.data.map((item, position) => {
    const wanted = wishes.items[position]?.discounts ?? [];
    const ofItem = { ...holder, subscriptionItem: item.id };
    const discounts = redeemAll(world, wanted, ofItem, purchase, `items[${position}][discounts]`);
    return { ...item, discounts };
  });
  return {
    ...subscription,
    discounts: redeemAll(world, wishes.discounts ?? [], holder, purchase),
    items: { ...subscription.items, data },
  };
}

/** Every discount of a subscription and its items. */
export function discountsOn(subscription: Stripe.Subscription): string[] {
  return [subscription, ...subscription.items.data].flatMap((row) => row.discounts.map(idOf));
}

/** Puts other discounts on a running subscription; those it does not name again are taken off. */
export function changeDiscounts(
  world: World,
  subscription: Stripe.Subscription,
  wishes: DiscountWish[] | null,
): string[] {
  const holder = { customer: idOf(subscription.customer), subscription: subscription.id };
  const ids = redeemAll(world, wishes ?? [], holder, purchaseOf(world, subscription));
  const present = subscription.discounts.map(idOf);
  for (const id of present) if (!ids.includes(id)) removeDiscount(world, id);
  announceDiscounts(
    world,
    ids.filter((id) => !present.includes(id)),
  );
  return ids;
}

/** Makes discounts for an item that may not exist yet; `settleItemDiscounts` says afterwards which it became. */
export function redeemForItem(
  world: World,
  subscription: Stripe.Subscription,
  wishes: DiscountWish[] | null,
  path: string,
): string[] {
  const holder = { customer: idOf(subscription.customer), subscription: subscription.id };
  return redeemAll(world, wishes ?? [], holder, purchaseOf(world, subscription), path);
}

/** After a change of items: new discounts learn whose they are, those that no item has any more are taken off. */
export function settleItemDiscounts(world: World, before: Stripe.Subscription): void {
  const after = world.tables.subscriptions.get(before.id);
  if (!after) return;
  const known = new Set(discountsOn(before));
  for (const item of after.items.data) {
    for (const id of item.discounts.map(idOf)) {
      const row = world.tables.discounts.get(id);
      if (known.has(id) || !row || row.deleted) continue;
      world.tables.discounts.put({ ...row, subscription_item: item.id });
      announceDiscounts(world, [id]);
    }
  }
  const kept = new Set(discountsOn(after));
  for (const id of known) if (!kept.has(id)) removeDiscount(world, id);
}

function purchaseOf(world: World, subscription: Stripe.Subscription): Purchase {
  const amounts = subscription.items.data.map((item) => amountFor(world, item.price, item.quantity ?? 0));
  return { currency: subscription.currency, amount: amounts.reduce((sum, amount) => sum + amount, 0) };
}
