import type Stripe from "stripe";
import { amend, clockOf, emit } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type DiscountReferences = (string | { id: string })[];

/** Returns the terms of the discounts that have not been removed. */
export function findActiveTerms(world: World, discounts: DiscountReferences): DiscountTerms[] {
  return findTerms(world, discounts).filter(({ id }) => !world.tables.discounts.get(id)?.deleted);
}

/** Returns the terms of discounts including removed ones: an invoice keeps the discounts it consumed. */
export function findTerms(world: World, discounts: DiscountReferences): DiscountTerms[] {
  return discounts.flatMap((discount) => world.tables.discountTerms.get(idOf(discount)) ?? []);
}

/** Returns the discounts an invoice inherits: those of its subscription, else of its customer. */
export function findInheritedTerms(
  world: World,
  customer: string,
  subscription: Stripe.Subscription | null,
): DiscountTerms[] {
  const own = findActiveTerms(world, subscription?.discounts ?? []);
  if (own.length > 0) return own;
  const discount = world.tables.customers.get(customer)?.discount;
  return discount ? findActiveTerms(world, [discount]) : [];
}

/** Removes `once` discounts that reduced this invoice. */
export function consumeDiscounts(world: World, invoice: Stripe.Invoice): void {
  for (const { amount, discount } of invoice.total_discount_amounts ?? []) {
    const row = world.tables.discounts.get(idOf(discount));
    const isOnce = world.tables.discountTerms.get(idOf(discount))?.duration === "once";
    if (amount > 0 && isOnce && row && row.invoice === null && row.invoice_item === null) {
      removeDiscount(world, row.id);
    }
  }
}

/** Returns when a discount ends and on which clock; null when it was removed or has no end. */
export function discountEnd(world: World, id: string): { at: number; clock: string | null } | null {
  const row = world.tables.discounts.get(id);
  if (!row || row.deleted || row.end === null) return null;
  return { at: row.end, clock: clockOf(world, idOrNull(row.customer)) };
}

/** Removes a discount from its customer or subscription. Returns null when it is already removed. */
export function removeDiscount(world: World, id: string): Stripe.DeletedDiscount | null {
  const row = world.tables.discounts.get(id);
  if (!row || row.deleted) return null;
  const { end: _end, ...rest } = row;
  const removed: Stripe.DeletedDiscount = { ...rest, deleted: true };
  world.tables.discounts.put(removed);
  detachDiscount(world, row);
  if (row.invoice === null && row.invoice_item === null) emit(world, "customer.discount.deleted", row);
  return removed;
}

function detachDiscount(world: World, row: Stripe.Discount): void {
  const { customers, subscriptions } = world.tables;
  const customer = customers.get(idOrNull(row.customer) ?? "");
  if (customer?.discount?.id === row.id) {
    amend(world, customers, customer.id, { discount: null }, "customer.updated");
  }
  const subscription = subscriptions.get(row.subscription ?? "");
  if (!subscription) return;
  const without = (discounts: (string | Stripe.Discount)[]) =>
    discounts.filter((discount) => idOf(discount) !== row.id);
  const data = subscription.items.data.map((item) => ({ ...item, discounts: without(item.discounts) }));
  const patch = { discounts: without(subscription.discounts), items: { ...subscription.items, data } };
  amend(world, subscriptions, subscription.id, patch, "customer.subscription.updated");
}
