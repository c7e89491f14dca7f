import type Stripe from "stripe";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { subscribesToThinEvent } from "#sandbox/stripe/webhooks/thin-event.ts";

/** Milliseconds for which a batch is collected before it is sent in reverse order. */
const reorderWindowMs = 150;

/** Enqueues the deliveries of an event in the transaction that created it. Returns their number. */
export function enqueueDeliveries(world: World, event: string, type: Stripe.Event.Type): number {
  const { chaos } = world;
  const wait = chaos.delayMs + (chaos.reorder ? reorderWindowMs : 0);
  const dueAt = Date.now() + wait;
  const isDropped = takeDrop(world, type);
  let count = 0;
  const subscribers = [
    ...world.tables.webhookEndpoints.filter((endpoint) => subscribesToEvent(endpoint, type)),
    ...world.tables.eventDestinations.filter((destination) => subscribesToThinEvent(destination, type)),
  ];
  for (const endpoint of subscribers) {
    for (let copy = 0; copy <= chaos.duplicate; copy += 1) {
      const id = newStripeId("whd");
      const state = isDropped ? "dropped" : "pending";
      const nextAttemptAtMs = isDropped ? null : chaos.burst ? endOfSecond(dueAt) : dueAt;
      world.tables.deliveries.put({ id, event, endpoint: endpoint.id, state, attempts: [], nextAttemptAtMs });
      if (!isDropped) world.outbox.add(id);
      count += 1;
    }
  }
  return count;
}

/** The end of the second of a timestamp (milliseconds). */
function endOfSecond(ms: number): number {
  return (Math.floor(ms / 1_000) + 1) * 1_000;
}

/** Whether an endpoint subscribes to an event type. */
export function subscribesToEvent(endpoint: Stripe.WebhookEndpoint, type: string): boolean {
  if (endpoint.status !== "enabled") return false;
  return endpoint.enabled_events.includes("*") || endpoint.enabled_events.includes(type);
}

function takeDrop(world: World, type: string): boolean {
  const { drop } = world.chaos;
  if (typeof drop === "boolean") return drop;
  if (typeof drop === "string") return drop === type;
  if (drop <= 0) return false;
  world.chaos.drop = drop - 1;
  return true;
}
