import type Stripe from "stripe";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Returns a customer by id. Throws `resource_missing` when there is none or it was deleted. */
export function findCustomer(world: World, id: string, param?: string): Stripe.Customer {
  const customer = world.tables.customers.get(id);
  if (!customer) throw missing("customer", id, param);
  return customer;
}
