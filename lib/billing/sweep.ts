import { and, asc, gt, isNull } from "drizzle-orm";
import { db } from "#db/client.ts";
import { billingCustomers } from "#db/schema/billing.ts";
import { storeEvent } from "#lib/billing/inbox.ts";
import { undeliveredEvents } from "#lib/gateways/stripe.ts";
import { addToEvent } from "#lib/ground/log.ts";
import { enqueue } from "#lib/ground/queue.ts";

const batchSize = 500;

/**
 * Makes good whatever was missed: events that Stripe could not deliver are taken in, and every customer is synced, each by
 * a job of its own, so that one that fails is tried again alone.
 * @throws AppError billing_unavailable when Stripe could not be asked for its events; the customers are planned by then
 */
export async function sweepBilling(): Promise<void> {
  addToEvent({ customers: await planSyncs() });
  addToEvent({ eventsFetched: await fetchUndelivered() });
}

async function planSyncs(): Promise<number> {
  let planned = 0;
  let after = "";
  while (true) {
    const batch = await db()
      .select({ customerId: billingCustomers.stripeCustomerId })
      .from(billingCustomers)
      .where(and(gt(billingCustomers.stripeCustomerId, after), isNull(billingCustomers.deletedAt)))
      .orderBy(asc(billingCustomers.stripeCustomerId))
      .limit(batchSize);
    for (const { customerId } of batch)
      await enqueue(db(), "billing.sync", { customerId }, { uniqueKey: customerId });
    planned += batch.length;
    const last = batch.at(-1);
    if (last === undefined || batch.length < batchSize) return planned;
    after = last.customerId;
  }
}

async function fetchUndelivered(): Promise<number> {
  let fetched = 0;
  for await (const event of undeliveredEvents()) {
    if ((await storeEvent(event)) === "stored") fetched += 1;
  }
  return fetched;
}
