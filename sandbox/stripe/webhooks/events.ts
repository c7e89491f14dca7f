import type Stripe from "stripe";
import { missing } from "#sandbox/stripe/protocol/failure.ts";
import { flag, inRange, list, paramsOf, range, text } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const listParams = paramsOf<Stripe.EventListParams>()({
  created: range(),
  delivery_success: flag(),
  type: text(),
  types: list(text()),
});

export const eventRoutes: Route[] = [
  route("GET", "/v1/events/:id", paramsOf<object>()({}), ({ world, id }) => {
    const event = world.tables.events.get(id);
    if (!event) throw missing("event", id);
    return event;
  }),
  listRoute("/v1/events", listParams, ({ world, params }) => {
    const undelivered = params.delivery_success === undefined ? null : undeliveredEvents(world);
    const wanted = params.types ?? (params.type === undefined ? null : [params.type]);
    return world.tables.events.filter(
      (event) =>
        (wanted === null || wanted.some((pattern) => matchesType(event.type, pattern))) &&
        (undelivered === null || undelivered.has(event.id) !== params.delivery_success) &&
        inRange(event.created, params.created),
    );
  }),
];

/** Ids of events that at least one endpoint has not acknowledged. */
function undeliveredEvents(world: World): Set<string> {
  return new Set(
    world.tables.deliveries
      .filter((delivery) => delivery.state !== "succeeded")
      .map((delivery) => delivery.event),
  );
}

/** Matches a type against a pattern such as `customer.subscription.*`. */
function matchesType(type: string, pattern: string): boolean {
  return pattern.endsWith("*") ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}
