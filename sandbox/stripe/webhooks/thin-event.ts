import type Stripe from "stripe";
import type { World } from "#sandbox/stripe/state/world.ts";

/** API paths of objects whose path is not the plural of their type. */
const addresses: Record<string, string> = {
  "checkout.session": "/v1/checkout/sessions",
  "billing_portal.configuration": "/v1/billing_portal/configurations",
  "billing_portal.session": "/v1/billing_portal/sessions",
  "billing.meter": "/v1/billing/meters",
  "test_helpers.test_clock": "/v1/test_helpers/test_clocks",
};
type ThinEvent = Stripe.V2.Core.EventBase & { related_object: Stripe.V2.Core.Events.RelatedObject };

/** Builds a thin event: type and reference of the object without its data. */
export function thinEventOf(event: Stripe.EventBase): ThinEvent {
  const object = new Map<string, unknown>(Object.entries(event.data.object));
  const [id, type] = [String(object.get("id")), String(object.get("object"))];
  const { request } = event;
  return {
    id: event.id,
    object: "v2.core.event",
    created: new Date(event.created * 1000).toISOString(),
    livemode: false,
    ...(request?.id
      ? {
          reason: {
            type: "request",
            request: { id: request.id, idempotency_key: request.idempotency_key ?? "" },
          },
        }
      : {}),
    related_object: { id, type, url: `${addresses[type] ?? `/v1/${type}s`}/${id}` },
    snapshot_event: event.id,
    type: `v1.${event.type}`,
  };
}

/** Whether a destination subscribes to an event by its thin name. */
export function subscribesToThinEvent(destination: Stripe.V2.Core.EventDestination, type: string): boolean {
  if (destination.status !== "enabled") return false;
  return destination.enabled_events.includes("*") || destination.enabled_events.includes(`v1.${type}`);
}

/**
 * URL, secret and body of a delivery: the full event for a webhook endpoint, the thin event for a
 * destination.
 */
export function deliveryOf(
  world: World,
  endpoint: string,
  event: Stripe.EventBase,
): { url: string; payload: string } | null {
  const { webhookEndpoints, eventDestinations } = world.tables;
  const whole = webhookEndpoints.get(endpoint)?.url;
  if (whole !== undefined) return { url: whole, payload: JSON.stringify(event) };
  const thin = eventDestinations.get(endpoint)?.webhook_endpoint?.url;
  return thin === undefined ? null : { url: thin, payload: JSON.stringify(thinEventOf(event)) };
}
