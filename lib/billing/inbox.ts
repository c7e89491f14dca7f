import { and, eq, ne, sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { stripeEvents } from "#db/schema/billing.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { findCustomerOfCharge, readSignedEvent } from "#lib/gateways/stripe.ts";
import type { StripeEvent } from "#lib/gateways/stripe-objects.ts";
import { raiseAlert } from "#lib/ground/alerts.ts";
import { now } from "#lib/ground/clock.ts";
import { AppError } from "#lib/ground/errors.ts";
import { addToEvent } from "#lib/ground/log.ts";
import { maskText } from "#lib/ground/mask.ts";
import { metrics } from "#lib/ground/metrics.ts";
import { enqueue, queueRules } from "#lib/ground/queue.ts";

type Receipt = "stored" | "duplicate";

/**
 * Takes an event in from Stripe. When this returns, the event and its job are committed, so that Stripe may be told 200 and
 * may forget it.
 * @param rawBody the bytes as they came; the signature is over these
 * @throws AppError bad_signature, bad_request
 */
export async function receiveEvent(rawBody: Buffer, signature: string | null): Promise<Receipt> {
  const event = readSignedEvent(rawBody, signature);
  const receipt = await storeEvent(event);
  addToEvent({ stripeEvent: event.id, stripeType: event.type, receipt });
  return receipt;
}

/** Writes an event and its job in one transaction; an event that is there already changes nothing. */
export async function storeEvent(event: StripeEvent): Promise<Receipt> {
  const { id, type, customerId, chargeId, payload, createdAt } = event;
  return db().transaction(async (tx) => {
    const stored = await tx
      .insert(stripeEvents)
      .values({ id, type, customerId, chargeId, payload, createdAt, receivedAt: now() })
      .onConflictDoNothing({ target: stripeEvents.id })
      .returning({ id: stripeEvents.id });
    if (stored.length === 0) return "duplicate";
    await enqueue(tx, "stripe.event", { eventId: id }, { uniqueKey: id });
    return "stored";
  });
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
  try {
    const customerId = await findCustomer(event);
    if (customerId !== null) await syncCustomer(customerId);
  } catch (error) {
    await noteFailure(eventId, event.type, error);
    throw error;
  }
  const at = now();
  await db()
    .update(stripeEvents)
    .set({ state: "done", processedAt: at, lastError: null, attempts: sql`${stripeEvents.attempts} + 1` })
    .where(and(eq(stripeEvents.id, eventId), ne(stripeEvents.state, "done")));
  metrics.webhookLagSeconds.observe(
    { type: event.type },
    Math.max(0, (at.getTime() - event.createdAt.getTime()) / 1_000),
  );
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
      attempts: sql`${stripeEvents.attempts} + 1`,
      lastError: reasonOf(error),
      state: sql`case when ${stripeEvents.attempts} + 1 >= ${mostAttempts} then 'failed' else ${stripeEvents.state} end`,
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

function reasonOf(error: unknown): string {
  const cause = error instanceof AppError && error.cause instanceof Error ? error.cause : error;
  return maskText(cause instanceof Error ? cause.message : String(cause)).slice(0, 500);
}
