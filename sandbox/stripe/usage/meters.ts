import type Stripe from "stripe";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { object, oneOf, paramsOf, required, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, create } from "#sandbox/stripe/state/emit.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { summarize } from "#sandbox/stripe/usage/meter-usage.ts";

const createParams = paramsOf<Stripe.Billing.MeterCreateParams>()({
  customer_mapping: object({ event_payload_key: required(text()), type: required(oneOf("by_id")) }),
  default_aggregation: required(object({ formula: required(oneOf("count", "last", "sum")) })),
  display_name: required(text()),
  event_name: required(text()),
  event_time_window: oneOf("day", "hour"),
  value_settings: object({ event_payload_key: required(text()) }),
});
const updateParams = paramsOf<Stripe.Billing.MeterUpdateParams>()({ display_name: text() });
const listParams = paramsOf<Stripe.Billing.MeterListParams>()({ status: oneOf("active", "inactive") });
const summaryParams = paramsOf<Stripe.Billing.MeterListEventSummariesParams>()({
  customer: required(text()),
  end_time: required(whole()),
  start_time: required(whole()),
  value_grouping_window: oneOf("day", "hour"),
});
const path = "/v1/billing/meters";

export const meterRoutes: Route[] = [
  route("POST", path, createParams, ({ world, params }) => createMeter(world, params)),
  route("GET", `${path}/:id`, paramsOf<object>()({}), ({ world, id }) => findMeter(world, id)),
  route("POST", `${path}/:id`, updateParams, ({ world, id, params }) => {
    const meter = findMeter(world, id);
    const name = params.display_name ?? meter.display_name;
    return change(world, meter, { display_name: name }, "billing.meter.updated");
  }),
  route("POST", `${path}/:id/deactivate`, paramsOf<object>()({}), ({ world, id }) => {
    const meter = findMeter(world, id);
    if (meter.status === "inactive") throw invalid("The meter is already inactive.");
    const patch = { status: "inactive", status_transitions: { deactivated_at: world.now() } };
    return change(world, meter, patch, "billing.meter.deactivated");
  }),
  route("POST", `${path}/:id/reactivate`, paramsOf<object>()({}), ({ world, id }) => {
    const meter = findMeter(world, id);
    if (meter.status === "active") throw invalid("The meter is already active.");
    claimEventName(world, meter.event_name);
    const patch = { status: "active", status_transitions: { deactivated_at: null } };
    return change(world, meter, patch, "billing.meter.reactivated");
  }),
  listRoute(`${path}/:id/event_summaries`, summaryParams, ({ world, id, params }) =>
    summarize(world, findMeter(world, id), params),
  ),
  listRoute(path, listParams, ({ world, params }) =>
    world.tables.meters.filter((meter) => params.status === undefined || meter.status === params.status),
  ),
];

function findMeter(world: World, id: string): Stripe.Billing.Meter {
  const meter = world.tables.meters.get(id);
  if (!meter) throw missing("billing meter", id);
  return meter;
}

function createMeter(world: World, params: ReturnType<typeof createParams>): Stripe.Billing.Meter {
  claimEventName(world, params.event_name);
  const at = world.now();
  const meter: Stripe.Billing.Meter = {
    id: newStripeId("mtr_test"),
    object: "billing.meter",
    created: at,
    customer_mapping: params.customer_mapping ?? { event_payload_key: "stripe_customer_id", type: "by_id" },
    default_aggregation: params.default_aggregation,
    display_name: params.display_name,
    event_name: params.event_name,
    event_time_window: params.event_time_window ?? null,
    livemode: false,
    status: "active",
    status_transitions: { deactivated_at: null },
    updated: at,
    value_settings: params.value_settings ?? { event_payload_key: "value" },
  };
  return create(world, world.tables.meters, meter, "billing.meter.created");
}

function change(
  world: World,
  meter: Stripe.Billing.Meter,
  patch: Partial<Stripe.Billing.Meter>,
  type: Stripe.Event.Type,
): Stripe.Billing.Meter {
  return amend(world, world.tables.meters, meter.id, { ...patch, updated: world.now() }, type);
}

/** Throws if another active meter has the same event name. */
function claimEventName(world: World, name: string): void {
  if (world.tables.meters.all().some((meter) => meter.status === "active" && meter.event_name === name)) {
    throw invalid(`An active meter with the event name '${name}' already exists.`, "event_name");
  }
}
