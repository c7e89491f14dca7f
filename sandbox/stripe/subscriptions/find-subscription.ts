import type Stripe from "stripe";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Finds a subscription. Throws if it does not exist. */
export function findSubscription(world: World, id: string, param?: string): Stripe.Subscription {
  const subscription = world.tables.subscriptions.get(id);
  if (!subscription) throw missing("subscription", id, param);
  return subscription;
}
