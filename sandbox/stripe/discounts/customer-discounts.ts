import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { announceDiscounts, type DiscountWish, redeemAll } from "#sandbox/stripe/discounts/redeem.ts";
import { removeDiscount } from "#sandbox/stripe/discounts/running-discounts.ts";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import { paramsOf } from "#sandbox/stripe/protocol/params.ts";
import { type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, emit } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { findSubscription } from "#sandbox/stripe/subscriptions/find-subscription.ts";

export const customerDiscountRoutes: Route[] = [
  route("DELETE", "/v1/customers/:id/discount", paramsOf<object>()({}), ({ world, id }) => {
    const { discount } = findCustomer(world, id);
    const removed = discount && removeDiscount(world, discount.id);
    if (!removed) throw missing("discount", id);
    return removed;
  }),
  route("DELETE", "/v1/subscriptions/:id/discount", paramsOf<object>()({}), ({ world, id }) => {
    const [first] = findSubscription(world, id).discounts;
    const removed = first && removeDiscount(world, idOf(first));
    if (!removed) throw missing("discount", id);
    return removed;
  }),
];

/**
 * Sets the discount of a customer, or takes it off (null). Only older versions of the API let a call do so; what it
 * leads to is part of every version.
 */
export function setCustomerDiscount(
  world: World,
  customerId: string,
  wish: DiscountWish | null,
): Stripe.Customer {
  const { customers, discounts } = world.tables;
  const before = findCustomer(world, customerId).discount ?? null;
  if (wish === null) {
    if (before) removeDiscount(world, before.id);
    return findCustomer(world, customerId);
  }
  const coupon = world.tables.coupons.get(wish.coupon ?? "");
  const currency = findCustomer(world, customerId).currency ?? coupon?.currency ?? "usd";
  const [id = ""] = redeemAll(world, [wish], { customer: customerId }, { currency, amount: 0 }, "coupon");
  const discount = discounts.get(id);
  if (!discount || discount.deleted) return findCustomer(world, customerId);
  const after = amend(world, customers, customerId, { discount }, "customer.updated");
  if (!before) {
    announceDiscounts(world, [id]);
    return after;
  }
  // What it is switched to is told of in one event with what it was.
  const { end: _end, ...rest } = before;
  discounts.put({ ...rest, deleted: true });
  emit(world, "customer.discount.updated", discount, { id: before.id, source: before.source });
  return after;
}
