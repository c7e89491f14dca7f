import { and, eq, inArray, ne, sql as raw } from "drizzle-orm";
import { db, sql } from "#db/client.ts";
import { stripeEvents } from "#db/schema/billing.ts";
import { toErrorReason } from "#lib/billing/sync/error-reason.ts";
import { isMeterError } from "#lib/billing/sync/handled-events.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { env, isLiveKey } from "#lib/core/env.ts";
import { groupCommit } from "#lib/core/group-commit.ts";
import { addToEvent } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";
import { currentSpan, traced } from "#lib/core/observability/tracing.ts";
import { enqueueAll } from "#lib/core/queue.ts";
import { singleton } from "#lib/core/singleton.ts";
import { findCustomerOfCharge } from "#lib/gateways/stripe/charges.ts";
import type { StripeEvent } from "#lib/gateways/stripe/events/event.ts";
import { readSignedEvent } from "#lib/gateways/stripe/events/signed-event.ts";

/**
 * Stripe delivers in bursts. Waiting 5 ms lets one transaction store many events; with two batches in
 * progress, neither the app nor PostgreSQL idles.
 */
const batching = { lingerMs: 5, maxConcurrentBatches: 2 };

type ReceiveResult = "stored" | "duplicate" | "other_mode" | "ignored";

/**
 * Verifies and stores an event from Stripe. When this returns, the event and its job are committed, so the
 * caller may answer 200. An event of the other mode (a test event at a live endpoint) is acknowledged but not
 * stored: its ids are unknown here, and an error would make Stripe retry it for three days. Thin events other
 * than meter errors are ignored as well: Stripe also sends them as full events, which must not count as
 * duplicates.
 * @param rawBody the bytes of the request, which the signature covers
 * @throws AppError bad_signature, bad_request
 */
export const receiveEvent = traced(
  "billing.receiveEvent",
  async (rawBody: Buffer, signature: string | null): Promise<ReceiveResult> => {
    const event = readSignedEvent(rawBody, signature);
    const isOurs = event.livemode === isLiveKey(env().STRIPE_SECRET_KEY);
    const isHandled = !event.isThin || isMeterError(event.type);
    const result = !isOurs ? "other_mode" : isHandled ? await storeEvent(event) : "ignored";
    addToEvent({ stripeEvent: event.id, stripeType: event.type, received: result });
    return result;
  },
);

/**
 * Writes an event and its job in one transaction; a duplicate changes nothing. Concurrent events are
 * committed together.
 */
export function storeEvent(event: StripeEvent): Promise<ReceiveResult> {
  const traceparent = currentSpan()?.traceparent;
  return singleton("billing.inbox", () => groupCommit(storeEvents, batching))({ ...event, traceparent });
}

/** An event, and the trace of the request that delivered it. */
type DeliveredEvent = StripeEvent & { traceparent: string | undefined };

/** The statement's text does not depend on the number of events, so PostgreSQL plans it once. */
async function storeEvents(events: DeliveredEvent[]): Promise<ReceiveResult[]> {
  // Concurrent batches insert shared events in the same order, so they cannot deadlock.
  const sorted = events.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const column = <T>(read: (event: StripeEvent) => T) => sorted.map(read);
  const traces = new Map(events.map(({ id, traceparent }) => [id, traceparent]));
  const fresh = await sql().begin(async (tx) => {
    const stored = await tx<{ id: string }[]>`
      insert into stripe_events (id, type, customer_id, charge_id, payload, created_at, received_at)
      select id, type, customer_id, charge_id, payload::jsonb, created_at::timestamptz, ${now().toISOString()}
      from unnest(
        ${column(({ id }) => id)}::text[], ${column(({ type }) => type)}::text[],
        ${column(({ customerId }) => customerId)}::text[], ${column(({ chargeId }) => chargeId)}::text[],
        ${column(({ payload }) => payload)}::text[],
        ${column(({ createdAt }) => createdAt.toISOString())}::text[]
      ) as event (id, type, customer_id, charge_id, payload, created_at)
      on conflict (id) do nothing
      returning id`;
    const jobs = stored.map(({ id }) => ({
      data: { eventId: id },
      uniqueKey: id,
      traceparent: traces.get(id),
    }));
    await enqueueAll(tx, "stripe.event", jobs);
    return new Set(stored.map(({ id }) => id));
  });
  // If a batch contains an event twice, the first one was stored.
  return events.map(({ id }) => (fresh.delete(id) ? "stored" : "duplicate"));
}

/** The first attempt and the retries of the job "stripe.event". */
export const maxEventAttempts = 13;

/**
 * Processes a stored event: syncs its customer. The event is marked as done only after the sync succeeded;
 * until then the queue retries.
 * @throws the sync's error, after recording it with the event
 */
export async function processEvent(eventId: string): Promise<void> {
  const [event] = await db().select().from(stripeEvents).where(eq(stripeEvents.id, eventId));
  if (event === undefined || event.state === "done") return;
  addToEvent({ stripeEvent: eventId, stripeType: event.type });
  if (isMeterError(event.type)) await alertMeterError(eventId, event.type);
  try {
    const customerId = await resolveCustomer(event);
    if (customerId === null) await markDone([eventId]);
    else await markDone([eventId, ...(await syncWaitingEvents(customerId))]);
  } catch (error) {
    await recordFailure(eventId, event.type, error);
    throw error;
  }
}

/**
 * Syncs a customer. The sync also covers all events of the same customer that were stored before it started.
 * @returns the ids of the covered events
 */
async function syncWaitingEvents(customerId: string): Promise<string[]> {
  const waiting = await db()
    .select({ id: stripeEvents.id })
    .from(stripeEvents)
    .where(and(eq(stripeEvents.customerId, customerId), eq(stripeEvents.state, "received")));
  await syncCustomer(customerId);
  return waiting.map(({ id }) => id);
}

async function markDone(eventIds: string[]): Promise<void> {
  const at = now();
  const done = await db()
    .update(stripeEvents)
    .set({ state: "done", processedAt: at, lastError: null, attempts: raw`${stripeEvents.attempts} + 1` })
    .where(and(inArray(stripeEvents.id, eventIds), ne(stripeEvents.state, "done")))
    .returning({ type: stripeEvents.type, createdAt: stripeEvents.createdAt });
  for (const { type, createdAt } of done) {
    const lagMs = Math.max(0, at.getTime() - createdAt.getTime());
    metrics.webhookLagSeconds.observe({ type }, lagMs / 1_000);
  }
}

/** Refunds and disputes name only a charge, so Stripe is asked for its customer. */
async function resolveCustomer({
  customerId,
  chargeId,
}: typeof stripeEvents.$inferSelect): Promise<string | null> {
  if (customerId !== null || chargeId === null) return customerId;
  return findCustomerOfCharge(chargeId);
}

async function recordFailure(eventId: string, type: string, error: unknown): Promise<void> {
  const [row] = await db()
    .update(stripeEvents)
    .set({
      attempts: raw`${stripeEvents.attempts} + 1`,
      lastError: toErrorReason(error),
      state: raw`case when ${stripeEvents.attempts} + 1 >= ${maxEventAttempts} then 'failed' else ${stripeEvents.state} end`,
    })
    .where(and(eq(stripeEvents.id, eventId), ne(stripeEvents.state, "done")))
    .returning({ state: stripeEvents.state });
  if (row?.state !== "failed") return;
  await raiseAlert({
    key: `webhook-failed:${type}`,
    title: "A Stripe event failed for good",
    detail: `Event ${eventId} (${type}) used up its ${maxEventAttempts} attempts. The nightly sweep will sync its customer.`,
  });
}

/** No sync can repair this: only Stripe knows which usage it did not count. */
async function alertMeterError(eventId: string, type: string): Promise<void> {
  await raiseAlert({
    key: `meters:${type}`,
    title: "Stripe could not count use beyond credit",
    detail: `Event ${eventId} (${type}): some use will be on no invoice. See the meter's errors at Stripe, and /operator/events/${eventId}.`,
  });
}
