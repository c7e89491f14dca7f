import type Stripe from "stripe";
import { amend, clockOf, emit } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Ids = (string | { id: string })[];

/** The terms of those discounts that have not been taken off meanwhile. */
export function liveTerms(world: World, discounts: Ids): DiscountTerms[] {
  return keptTerms(world, discounts).filter(({ id }) => !world.tables.discounts.get(id)?.deleted);
}

/** The terms of discounts, even of those that are gone: an invoice keeps what was used up on it. */
export function keptTerms(world: World, discounts: Ids): DiscountTerms[] {
  return discounts.flatMap((discount) => world.tables.discountTerms.get(idOf(discount)) ?? []);
}

/** What an invoice inherits when it names no discounts: those of its subscription, else its customer's. */
export function inheritedTerms(
  world: World,
  customer: string,
  subscription: Stripe.Subscription | null,
): DiscountTerms[] {
  const own = liveTerms(world, subscription?.discounts ?? []);
  if (own.length > 0) return own;
  const discount = world.tables.customers.get(customer)?.discount;
  return discount ? liveTerms(world, [discount]) : [];
}

/** A discount of one invoice is used up once it took something off one. */
export function consumeDiscounts(world: World, invoice: Stripe.Invoice): void {
  for (const { amount, discount } of invoice.total_discount_amounts ?? []) {
    const row = world.tables.discounts.get(idOf(discount));
    const isOnce = world.tables.discountTerms.get(idOf(discount))?.duration === "once";
    if (amount > 0 && isOnce && row && row.invoice === null && row.invoice_item === null) {
      removeDiscount(world, row.id);
    }
  }
}

/** When a discount ends by itself, and on whose clock; null for one that is gone or goes on. */
export function discountEnd(world: World, id: string): { at: number; clock: string | null } | null {
  const row = world.tables.discounts.get(id);
  if (!row || row.deleted || row.end === null) return null;
  return { at: row.end, clock: clockOf(world, idOrNull(row.customer)) };
}

/** Takes a discount off whatever it hangs on. */
export function removeDiscount(world: World, id: string): Stripe.DeletedDiscount | null {
  const row = world.tables.discounts.get(id);
  if (!row || row.deleted) return null;
  const { end: _end, ...rest } = row;
  const removed: Stripe.DeletedDiscount = { ...rest, deleted: true };
  world.tables.discounts.put(removed);
  unhook(world, row);
  if (row.invoice === null && row.invoice_item === null) emit(world, "customer.discount.deleted", row);
  return removed;
}

function unhook(world: World, row: Stripe.Discount): void {
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
