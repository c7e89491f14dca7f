import { db } from "#db/client.ts";
import { listCustomerIds } from "#lib/billing/customer-ids.ts";
import { storeEvent } from "#lib/billing/inbox.ts";
import { writeRevenue } from "#lib/billing/revenue.ts";
import { findStrays } from "#lib/billing/stray-customers.ts";
import { undeliveredEvents } from "#lib/gateways/stripe.ts";
import { now } from "#lib/ground/clock.ts";
import { addToEvent } from "#lib/ground/log.ts";
import { enqueue } from "#lib/ground/queue.ts";

/** Fix: put right what differs from Stripe. Note: an operator wants to see it first. */
type SweepMode = "fix" | "note";

/**
 * Makes good whatever was missed: every customer is held against Stripe, those at Stripe included that we do not know but that
 * name a workspace of ours, each by a job of its own, so that one that fails is tried again alone. Events that Stripe could
 * not deliver are taken in, and the day's revenue is written.
 * @throws AppError billing_unavailable when Stripe could not be asked; our own customers are planned by then
 */
export async function sweepBilling(mode: SweepMode = "fix"): Promise<void> {
  addToEvent({ customers: await planKnown(mode) });
  await writeRevenue(db(), now());
  addToEvent({ eventsFetched: await fetchUndelivered() });
  const strays = await findStrays();
  for (const customerId of strays) await plan(customerId, mode);
  addToEvent({ strays: strays.length });
}

async function planKnown(mode: SweepMode): Promise<number> {
  let planned = 0;
  for await (const customerId of listCustomerIds(db())) {
    await plan(customerId, mode);
    planned += 1;
  }
  return planned;
}

async function plan(customerId: string, mode: SweepMode): Promise<void> {
  await enqueue(db(), "billing.reconcile", { customerId, mode }, { uniqueKey: `${customerId}:${mode}` });
}

async function fetchUndelivered(): Promise<number> {
  let fetched = 0;
  for await (const event of undeliveredEvents()) {
    if ((await storeEvent(event)) === "stored") fetched += 1;
  }
  return fetched;
}
