import { and, eq, inArray, ne, sql as raw } from "drizzle-orm";
import { db, sql } from "#db/client.ts";
import { stripeEvents } from "#db/schema/billing.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { env, isLive } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { groupCommit } from "#lib/core/group-commit.ts";
import { addToEvent } from "#lib/core/log.ts";
import { maskText } from "#lib/core/mask.ts";
import { metrics } from "#lib/core/metrics.ts";
import { enqueueAll, queueRules } from "#lib/core/queue.ts";
import { singleton } from "#lib/core/singleton.ts";
import { findCustomerOfCharge } from "#lib/gateways/stripe/stripe.ts";
import { isMeterError, type StripeEvent } from "#lib/gateways/stripe/event.ts";
import { readSignedEvent } from "#lib/gateways/stripe/signed-event.ts";

/**
 * Stripe sends in crowds, and waits for seconds: a few thousandths make them share what a transaction costs. Two side by side,
 * so that neither the app nor PostgreSQL waits for the other.
 */
const crowd = { lingerMs: 5, abreast: 2 };

type Receipt = "stored" | "duplicate" | "other_mode" | "unasked";

/**
 * Takes an event in from Stripe. When this returns, the event and its job are committed, so that Stripe may be told 200 and
 * may forget it. An event of the other mode (test events at a live endpoint) is acknowledged and not kept: its ids mean
 * nothing here, and refusing it would make Stripe send it for three days. The same goes for a thin event of anything but
 * meters: what it tells of comes as a whole event, too, which must not be taken for a duplicate of it.
 * @param rawBody the bytes as they came; the signature is over these
 * @throws AppError bad_signature, bad_request
 */
export async function receiveEvent(rawBody: Buffer, signature: string | null): Promise<Receipt> {
  const event = readSignedEvent(rawBody, signature);
  const isOurs = event.livemode === isLive(env().STRIPE_SECRET_KEY);
  const isAsked = !event.isThin || isMeterError(event.type);
  const receipt = !isOurs ? "other_mode" : isAsked ? await storeEvent(event) : "unasked";
  addToEvent({ stripeEvent: event.id, stripeType: event.type, receipt });
  return receipt;
}

/**
 * Writes an event and its job in one transaction; an event that is there already changes nothing. Events that arrive
 * together are committed together.
 */
export function storeEvent(event: StripeEvent): Promise<Receipt> {
  return singleton("billing.inbox", () => groupCommit(storeEvents, crowd))(event);
}

/** One statement whose text is always the same, so that PostgreSQL plans it once. */
async function storeEvents(events: StripeEvent[]): Promise<Receipt[]> {
  // Groups that are committed side by side, and hold the same event, come to it in the same order: neither waits for the other.
  const inOrder = events.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const column = <T>(read: (event: StripeEvent) => T) => inOrder.map(read);
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
    const jobs = stored.map(({ id }) => ({ data: { eventId: id }, uniqueKey: id }));
    await enqueueAll(tx, "stripe.event", jobs);
    return new Set(stored.map(({ id }) => id));
  });
  // Of one event that came twice in a group, the first was stored.
  return events.map(({ id }) => (fresh.delete(id) ? "stored" : "duplicate"));
}

/** The first attempt, and each retry that the queue makes. */
const mostAttempts = (queueRules["stripe.event"].retryLimit ?? 0) + 1;

/**
 * Does what an event asks for, which is always the same: sync its customer. The event is done only after that succeeded;
 * until then the queue calls this again.
 * @throws whatever the sync threw, after noting it with the event
 */
export async function processEvent(eventId: string): Promise<void> {
  const [event] = await db().select().from(stripeEvents).where(eq(stripeEvents.id, eventId));
  if (event === undefined || event.state === "done") return;
  addToEvent({ stripeEvent: eventId, stripeType: event.type });
  if (isMeterError(event.type)) await tellOfMeters(eventId, event.type);
  try {
    const customerId = await findCustomer(event);
    if (customerId === null) await noteDone([eventId]);
    else await noteDone([eventId, ...(await syncWith(customerId))]);
  } catch (error) {
    await noteFailure(eventId, event.type, error);
    throw error;
  }
}

/**
 * Syncs a customer. What waited in the inbox for the same customer before the sync began is served by it: an event asks for
 * nothing but a look at Stripe that is younger than itself.
 * @returns the events that were served
 */
async function syncWith(customerId: string): Promise<string[]> {
  const waiting = await db()
    .select({ id: stripeEvents.id })
    .from(stripeEvents)
    .where(and(eq(stripeEvents.customerId, customerId), eq(stripeEvents.state, "received")));
  await syncCustomer(customerId);
  return waiting.map(({ id }) => id);
}

async function noteDone(eventIds: string[]): Promise<void> {
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

/** Refunds and disputes name a charge, whose customer Stripe knows. */
async function findCustomer({
  customerId,
  chargeId,
}: typeof stripeEvents.$inferSelect): Promise<string | null> {
  if (customerId !== null || chargeId === null) return customerId;
  return findCustomerOfCharge(chargeId);
}

async function noteFailure(eventId: string, type: string, error: unknown): Promise<void> {
  const [noted] = await db()
    .update(stripeEvents)
    .set({
      attempts: raw`${stripeEvents.attempts} + 1`,
      lastError: reasonOf(error),
      state: raw`case when ${stripeEvents.attempts} + 1 >= ${mostAttempts} then 'failed' else ${stripeEvents.state} end`,
    })
    .where(and(eq(stripeEvents.id, eventId), ne(stripeEvents.state, "done")))
    .returning({ state: stripeEvents.state });
  if (noted?.state !== "failed") return;
  await raiseAlert({
    key: `webhook-failed:${type}`,
    title: "A Stripe event failed for good",
    detail: `Event ${eventId} (${type}) used up its ${mostAttempts} attempts. The nightly sweep will sync its customer.`,
  });
}

/** Nothing here can mend it: what was not counted is at Stripe alone. */
async function tellOfMeters(eventId: string, type: string): Promise<void> {
  await raiseAlert({
    key: `meters:${type}`,
    title: "Stripe could not count use beyond credit",
    detail: `Event ${eventId} (${type}): some use will be on no invoice. See the meter's errors at Stripe, and /operator/events/${eventId}.`,
  });
}

function reasonOf(error: unknown): string {
  const cause = error instanceof AppError && error.cause instanceof Error ? error.cause : error;
  return maskText(cause instanceof Error ? cause.message : String(cause)).slice(0, 500);
}
