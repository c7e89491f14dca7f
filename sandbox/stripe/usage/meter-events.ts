import { randomUUID } from "node:crypto";
import type Stripe from "stripe";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import {
  freePairs,
  object,
  oneOf,
  paramsOf,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const oldestSeconds = 35 * 86_400;
const furthestAheadSeconds = 5 * 60;
const cancelableSeconds = 86_400;
const createParams = paramsOf<Stripe.Billing.MeterEventCreateParams>()({
  event_name: required(text()),
  identifier: text(),
  payload: required(freePairs()),
  timestamp: whole(),
});
const adjustParams = paramsOf<Stripe.Billing.MeterEventAdjustmentCreateParams>()({
  cancel: object({ identifier: required(text()) }),
  event_name: required(text()),
  type: required(oneOf("cancel")),
});

export const meterEventRoutes: Route[] = [
  route("POST", "/v1/billing/meter_events", createParams, ({ world, params }) => recordUsage(world, params)),
  route("POST", "/v1/billing/meter_event_adjustments", adjustParams, ({ world, params }) =>
    cancelUsage(world, params),
  ),
];

/**
 * Records a meter event. Throws for an unknown event name, a timestamp older than 35 days or more than 5
 * minutes ahead, a value that is not an integer, and a used identifier.
 */
function recordUsage(world: World, params: ReturnType<typeof createParams>): Stripe.Billing.MeterEvent {
  const meter = meterFor(world, params.event_name);
  const customer = payloadField(params.payload, meter.customer_mapping.event_payload_key);
  if (!world.tables.customers.get(customer)) throw missing("customer", customer, "payload");
  const at = nowFor(world, customer);
  const timestamp = params.timestamp ?? at;
  checkMoment(timestamp, at);
  const identifier = params.identifier ?? randomUUID();
  if (world.tables.meterRecords.get(identifier)) {
    throw invalid(`An event already exists with identifier ${identifier}.`, "identifier");
  }
  const event: Stripe.Billing.MeterEvent = {
    object: "billing.meter_event",
    created: at,
    event_name: params.event_name,
    identifier,
    livemode: false,
    payload: params.payload,
    timestamp,
  };
  const value = meter.default_aggregation.formula === "count" ? 1 : usedValue(meter, params.payload);
  world.tables.meterRecords.put({
    id: identifier,
    event,
    meter: meter.id,
    customer,
    value,
    isCanceled: false,
  });
  return event;
}

/** Cancels a meter event within 24 hours of its receipt. */
function cancelUsage(
  world: World,
  params: ReturnType<typeof adjustParams>,
): Stripe.Billing.MeterEventAdjustment {
  const identifier = params.cancel?.identifier;
  if (identifier === undefined)
    throw invalid("Missing required param: cancel.", "cancel", "parameter_missing");
  const record = world.tables.meterRecords.get(identifier);
  if (!record || record.event.event_name !== params.event_name || record.isCanceled) {
    throw invalid(
      `No meter event found with identifier ${identifier}.`,
      "cancel[identifier]",
      "resource_missing",
    );
  }
  if (nowFor(world, record.customer) - record.event.created > cancelableSeconds) {
    throw invalid("Meter events can only be canceled within 24 hours of receipt.", "cancel[identifier]");
  }
  world.tables.meterRecords.put({ ...record, isCanceled: true });
  return {
    object: "billing.meter_event_adjustment",
    cancel: { identifier },
    event_name: params.event_name,
    livemode: false,
    status: "complete",
    type: "cancel",
  };
}

function meterFor(world: World, eventName: string): Stripe.Billing.Meter {
  const [meter] = world.tables.meters.filter(
    (candidate) => candidate.status === "active" && candidate.event_name === eventName,
  );
  if (!meter)
    throw invalid(`No active meter found for event name ${eventName}.`, "event_name", "resource_missing");
  return meter;
}

function checkMoment(timestamp: number, at: number): void {
  if (timestamp < at - oldestSeconds) {
    throw invalid("The timestamp must be within the past 35 calendar days.", "timestamp");
  }
  if (timestamp > at + furthestAheadSeconds) {
    throw invalid("The timestamp must not be more than 5 minutes in the future.", "timestamp");
  }
}

function usedValue(meter: Stripe.Billing.Meter, payload: Record<string, string>): number {
  const key = meter.value_settings.event_payload_key;
  const value = payloadField(payload, key);
  if (!/^-?\d{1,15}$/.test(value)) throw invalid(`Invalid whole number: ${value}`, `payload[${key}]`);
  return Number(value);
}

function payloadField(payload: Record<string, string>, key: string): string {
  const value = payload[key];
  if (value === undefined || value === "") {
    throw invalid(`Missing required payload field: ${key}.`, "payload", "parameter_missing");
  }
  return value;
}
