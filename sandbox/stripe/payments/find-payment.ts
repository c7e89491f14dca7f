import type Stripe from "stripe";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Finds a payment intent. Throws if it does not exist. */
export function findIntent(world: World, id: string, param?: string): Stripe.PaymentIntent {
  const intent = world.tables.paymentIntents.get(id);
  if (!intent) throw missing("payment_intent", id, param);
  return intent;
}

/** Finds a charge. Throws if it does not exist. */
export function findCharge(world: World, id: string, param?: string): Stripe.Charge {
  const charge = world.tables.charges.get(id);
  if (!charge) throw missing("charge", id, param);
  return charge;
}
