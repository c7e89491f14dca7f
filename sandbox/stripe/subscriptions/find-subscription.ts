import type Stripe from "stripe";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** A subscription that must exist. */
export function findSubscription(world: World, id: string, param?: string): Stripe.Subscription {
  const subscription = world.tables.subscriptions.get(id);
  if (!subscription) throw missing("subscription", id, param);
  return subscription;
}
