import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { removeDiscount } from "#sandbox/stripe/discounts/discount-terms.ts";
import {
  type DiscountRequest,
  emitDiscountsCreated,
  redeemDiscounts,
} from "#sandbox/stripe/discounts/redeem-discounts.ts";
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
 * Sets a customer's discount, or removes it when null. Only calls of older API versions can set it, but every
 * version returns it and applies it to invoices.
 */
export function setCustomerDiscount(
  world: World,
  customerId: string,
  request: DiscountRequest | null,
): Stripe.Customer {
  const { customers, discounts } = world.tables;
  const before = findCustomer(world, customerId).discount ?? null;
  if (request === null) {
    if (before) removeDiscount(world, before.id);
    return findCustomer(world, customerId);
  }
  const coupon = world.tables.coupons.get(request.coupon ?? "");
  const currency = findCustomer(world, customerId).currency ?? coupon?.currency ?? "usd";
  const [id = ""] = redeemDiscounts(
    world,
    [request],
    { customer: customerId },
    { currency, amount: 0 },
    "coupon",
  );
  const discount = discounts.get(id);
  if (!discount || discount.deleted) return findCustomer(world, customerId);
  const after = amend(world, customers, customerId, { discount }, "customer.updated");
  if (!before) {
    emitDiscountsCreated(world, [id]);
    return after;
  }
  // Replacing a discount emits one `updated` event instead of `deleted` and `created`.
  const { end: _end, ...rest } = before;
  discounts.put({ ...rest, deleted: true });
  emit(world, "customer.discount.updated", discount, { id: before.id, source: before.source });
  return after;
}
