import type Stripe from "stripe";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import type { CheckoutOrder } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Returns a session by id. Throws `resource_missing` when there is none. */
export function findSession(world: World, id: string): Stripe.Checkout.Session {
  const session = world.tables.checkoutSessions.get(id);
  if (!session) throw missing("checkout.session", id);
  return session;
}

/** Returns the order behind a session: the parameters that its public object does not show. */
export function findOrder(world: World, id: string): CheckoutOrder {
  const order = world.tables.checkoutOrders.get(id);
  if (!order) throw new Error(`${id} has no order`);
  return order;
}
