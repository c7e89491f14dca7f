import { and, asc, gt, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { billingCustomers, formerCustomers } from "#db/schema/billing.ts";
import { now } from "#lib/core/clock.ts";

const batchSize = 500;

/** How long payments of a deleted customer are checked: until what they granted has expired, and a month. */
const formerDays = 400;

/**
 * Lists the Stripe ids of all customers, across workspaces, that are not deleted at Stripe, then of those
 * that were replaced in the last 400 days, whose payments can still be refunded. For the sweep.
 */
export async function* listCustomerIds(tx: Tx): AsyncGenerator<string> {
  yield* listCurrentIds(tx);
  const since = new Date(now().getTime() - formerDays * 86_400_000);
  const former = await tx
    .select({ customerId: formerCustomers.stripeCustomerId })
    .from(formerCustomers)
    .where(gt(formerCustomers.replacedAt, since))
    .orderBy(asc(formerCustomers.stripeCustomerId));
  for (const { customerId } of former) yield customerId;
}

async function* listCurrentIds(tx: Tx): AsyncGenerator<string> {
  let after = "";
  while (true) {
    const batch = await tx
      .select({ customerId: billingCustomers.stripeCustomerId })
      .from(billingCustomers)
      .where(and(gt(billingCustomers.stripeCustomerId, after), isNull(billingCustomers.deletedAt)))
      .orderBy(asc(billingCustomers.stripeCustomerId))
      .limit(batchSize);
    for (const { customerId } of batch) yield customerId;
    const last = batch.at(-1);
    if (last === undefined || batch.length < batchSize) return;
    after = last.customerId;
  }
}
