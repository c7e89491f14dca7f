import type Stripe from "stripe";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import { inRange, paramsOf, range, text } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const listParams = paramsOf<Stripe.PaymentIntentListParams>()({ created: range(), customer: text() });

export const paymentIntentRoutes: Route[] = [
  route("GET", "/v1/payment_intents/:id", paramsOf<object>()({}), ({ world, id }) => findIntent(world, id)),
  listRoute("/v1/payment_intents", listParams, ({ world, params }) =>
    world.tables.paymentIntents.filter(
      (intent) =>
        (params.customer === undefined || intent.customer === params.customer) &&
        inRange(intent.created, params.created),
    ),
  ),
];

/** A payment that must exist. */
export function findIntent(world: World, id: string, param?: string): Stripe.PaymentIntent {
  const intent = world.tables.paymentIntents.get(id);
  if (!intent) throw missing("payment_intent", id, param);
  return intent;
}
