import { and, eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { billingCustomers, charges, invoices, subscriptionItems, subscriptions } from "#db/schema/billing.ts";
import { grants } from "#db/schema/usage.ts";

/** A subscription row with its item rows. */
export type LocalSubscription = typeof subscriptions.$inferSelect & {
  items: (typeof subscriptionItems.$inferSelect)[];
};
export type LocalGrant = typeof grants.$inferSelect;

/** A workspace's billing as our tables have it, for the comparison with Stripe. */
export type LocalState = {
  customerDeleted: boolean;
  subscriptions: LocalSubscription[];
  invoices: (typeof invoices.$inferSelect)[];
  payments: (typeof charges.$inferSelect)[];
  grants: LocalGrant[];
};

/** Reads all billing rows of a workspace; of its subscriptions only those of one of its customers. */
export async function readLocalState(tx: Tx, workspaceId: string, customerId: string): Promise<LocalState> {
  const rows = await tx
    .select()
    .from(subscriptions)
    .where(and(eq(subscriptions.workspaceId, workspaceId), eq(subscriptions.stripeCustomerId, customerId)));
  const items = await tx
    .select({ item: subscriptionItems })
    .from(subscriptionItems)
    .innerJoin(subscriptions, eq(subscriptions.id, subscriptionItems.subscriptionId))
    .where(eq(subscriptions.workspaceId, workspaceId));
  const [customer] = await tx
    .select({ deletedAt: billingCustomers.deletedAt })
    .from(billingCustomers)
    .where(eq(billingCustomers.stripeCustomerId, customerId));
  return {
    // A former customer was replaced because it is deleted.
    customerDeleted: customer === undefined || customer.deletedAt !== null,
    subscriptions: rows.map((row) => ({
      ...row,
      items: items.map(({ item }) => item).filter(({ subscriptionId }) => subscriptionId === row.id),
    })),
    invoices: await tx.select().from(invoices).where(eq(invoices.workspaceId, workspaceId)),
    payments: await tx.select().from(charges).where(eq(charges.workspaceId, workspaceId)),
    grants: await tx.select().from(grants).where(eq(grants.workspaceId, workspaceId)),
  };
}
