import { and, asc, gt, isNull, or } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { billingCustomers, formerCustomers } from "#db/schema/billing.ts";
import { now } from "#lib/core/clock.ts";

const batchSize = 500;

/** How long payments of a deleted customer are checked: until what they granted has expired, and a month. */
const formerDays = 400;

/**
 * Lists the Stripe ids of all customers, across workspaces, then of those that were replaced by a later
 * purchase. Customers that were deleted at Stripe are among them for 400 days, because their payments can
 * still be refunded. For the sweep.
 */
export async function* listCustomerIds(tx: Tx): AsyncGenerator<string> {
  const since = new Date(now().getTime() - formerDays * 86_400_000);
  yield* listCurrentIds(tx, since);
  const former = await tx
    .select({ customerId: formerCustomers.stripeCustomerId })
    .from(formerCustomers)
    .where(gt(formerCustomers.replacedAt, since))
    .orderBy(asc(formerCustomers.stripeCustomerId));
  for (const { customerId } of former) yield customerId;
}

async function* listCurrentIds(tx: Tx, since: Date): AsyncGenerator<string> {
  const isPresent = or(isNull(billingCustomers.deletedAt), gt(billingCustomers.deletedAt, since));
  let after = "";
  while (true) {
    const batch = await tx
      .select({ customerId: billingCustomers.stripeCustomerId })
      .from(billingCustomers)
      .where(and(gt(billingCustomers.stripeCustomerId, after), isPresent))
      .orderBy(asc(billingCustomers.stripeCustomerId))
      .limit(batchSize);
    for (const { customerId } of batch) yield customerId;
    const last = batch.at(-1);
    if (last === undefined || batch.length < batchSize) return;
    after = last.customerId;
  }
}
