import type Stripe from "stripe";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Where objects are found whose address is not simply their type's plural. */
const addresses: Record<string, string> = {
  "checkout.session": "/v1/checkout/sessions",
  "billing_portal.configuration": "/v1/billing_portal/configurations",
  "billing_portal.session": "/v1/billing_portal/sessions",
  "billing.meter": "/v1/billing/meters",
  "test_helpers.test_clock": "/v1/test_helpers/test_clocks",
};
type ThinEvent = Stripe.V2.Core.EventBase & { related_object: Stripe.V2.Core.Events.RelatedObject };

/** A thin event: what happened to which object, without the object. */
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

/** Whether a destination asked for an event, by its thin name. */
export function wantsThin(destination: Stripe.V2.Core.EventDestination, type: string): boolean {
  if (destination.status !== "enabled") return false;
  return destination.enabled_events.includes("*") || destination.enabled_events.includes(`v1.${type}`);
}

/** Where and with what a delivery goes: the whole event to a webhook endpoint, the thin one to a destination. */
export function letterFor(
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
