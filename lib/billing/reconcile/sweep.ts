import { db } from "#db/client.ts";
import { listCustomerIds } from "#lib/billing/customer/list-customer-ids.ts";
import { findOrphanedCustomers } from "#lib/billing/reconcile/orphaned-customers.ts";
import { writeRevenue } from "#lib/billing/reports/revenue.ts";
import { storeEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { now } from "#lib/core/clock.ts";
import { addToEvent } from "#lib/core/log.ts";
import { enqueue } from "#lib/core/queue.ts";
import { listUndeliveredEvents } from "#lib/gateways/stripe/events/undelivered-events.ts";

/** fix: repair differences. note: only record them, for an operator. */
type SweepMode = "fix" | "note";

/**
 * Recovers from missed events: enqueues a reconcile job for every customer, including customers at Stripe
 * that name a workspace but have no row here. Each has its own job, so failures are retried separately. Also
 * stores undelivered events and writes the day's revenue.
 * @throws AppError billing_unavailable when Stripe cannot be reached; the jobs of our own customers are
 *   enqueued by then
 */
export async function sweepBilling(mode: SweepMode = "fix"): Promise<void> {
  addToEvent({ customers: await enqueueAllCustomers(mode) });
  await writeRevenue(db(), now());
  addToEvent({ eventsFetched: await storeUndelivered() });
  const orphans = await findOrphanedCustomers();
  for (const customerId of orphans) await enqueueReconcile(customerId, mode);
  addToEvent({ orphanedCustomers: orphans.length });
}

async function enqueueAllCustomers(mode: SweepMode): Promise<number> {
  let enqueued = 0;
  for await (const customerId of listCustomerIds(db())) {
    await enqueueReconcile(customerId, mode);
    enqueued += 1;
  }
  return enqueued;
}

async function enqueueReconcile(customerId: string, mode: SweepMode): Promise<void> {
  await enqueue(db(), "billing.reconcile", { customerId, mode }, { uniqueKey: `${customerId}:${mode}` });
}

async function storeUndelivered(): Promise<number> {
  let stored = 0;
  for await (const event of listUndeliveredEvents()) {
    if ((await storeEvent(event)) === "stored") stored += 1;
  }
  return stored;
}
