import { and, asc, gt, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { billingCustomers } from "#db/schema/billing.ts";

const batchSize = 500;

/**
 * Lists the Stripe ids of all customers, across workspaces, that are not deleted at Stripe. For the sweep.
 */
export async function* listCustomerIds(tx: Tx): AsyncGenerator<string> {
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
