import { eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { billingCustomers, charges, invoices, subscriptionItems, subscriptions } from "#db/schema/billing.ts";
import { grants } from "#db/schema/usage.ts";

export type OurSubscription = typeof subscriptions.$inferSelect & {
  items: (typeof subscriptionItems.$inferSelect)[];
};
export type OurGrant = typeof grants.$inferSelect;

/** What our tables say of a workspace's billing, to be held against what Stripe says. */
export type OurBooks = {
  customerDeleted: boolean;
  subscriptions: OurSubscription[];
  invoices: (typeof invoices.$inferSelect)[];
  payments: (typeof charges.$inferSelect)[];
  grants: OurGrant[];
};

/** Reads a workspace's books whole. */
export async function readBooks(tx: Tx, workspaceId: string): Promise<OurBooks> {
  const rows = await tx.select().from(subscriptions).where(eq(subscriptions.workspaceId, workspaceId));
  const items = await tx
    .select({ item: subscriptionItems })
    .from(subscriptionItems)
    .innerJoin(subscriptions, eq(subscriptions.id, subscriptionItems.subscriptionId))
    .where(eq(subscriptions.workspaceId, workspaceId));
  const [customer] = await tx
    .select({ deletedAt: billingCustomers.deletedAt })
    .from(billingCustomers)
    .where(eq(billingCustomers.workspaceId, workspaceId));
  return {
    customerDeleted: customer?.deletedAt != null,
    subscriptions: rows.map((row) => ({
      ...row,
      items: items.map(({ item }) => item).filter(({ subscriptionId }) => subscriptionId === row.id),
    })),
    invoices: await tx.select().from(invoices).where(eq(invoices.workspaceId, workspaceId)),
    payments: await tx.select().from(charges).where(eq(charges.workspaceId, workspaceId)),
    grants: await tx.select().from(grants).where(eq(grants.workspaceId, workspaceId)),
  };
}
