import { eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import { workspaces } from "#db/schema/accounts.ts";
import { billingCustomers, formerCustomers } from "#db/schema/billing.ts";
import { isOngoing } from "#lib/billing/customer/subscription-statuses.ts";
import { listSubscriptions } from "#lib/gateways/stripe/subscriptions.ts";
import { findWorkspaceInMetadata, listWorkspaceCustomers } from "#lib/gateways/stripe/workspace-customers.ts";

/**
 * A customer at Stripe that names a workspace but has no row here: its creation was interrupted, or somebody
 * created it on the dashboard. `canLink` is true if the workspace exists and has no other customer.
 */
export type OrphanedCustomer = {
  workspaceId: string | null;
  canLink: boolean;
  reason: string;
  /** Ids of its ongoing subscriptions. */
  ongoing: string[];
};

const batchSize = 500;

/**
 * Lists the ids of customers at Stripe that carry our metadata and have no row here.
 * @throws AppError billing_unavailable
 */
export async function findOrphanedCustomers(): Promise<string[]> {
  const ids = new Set<string>();
  for await (const { customerId } of listWorkspaceCustomers()) ids.add(customerId);
  const orphans: string[] = [];
  const all = [...ids];
  for (let from = 0; from < all.length; from += batchSize) {
    const batch = all.slice(from, from + batchSize);
    const rows = await db()
      .select({ id: billingCustomers.stripeCustomerId })
      .from(billingCustomers)
      .where(inArray(billingCustomers.stripeCustomerId, batch));
    const former = await db()
      .select({ id: formerCustomers.stripeCustomerId })
      .from(formerCustomers)
      .where(inArray(formerCustomers.stripeCustomerId, batch));
    const known = new Set([...rows, ...former].map(({ id }) => id));
    orphans.push(...batch.filter((id) => !known.has(id)));
  }
  return orphans;
}

/**
 * Classifies a customer that has no row here.
 * @returns null for a customer without our metadata, and for one that cannot be linked and has no ongoing
 *   subscription
 * @throws AppError billing_unavailable
 */
export async function classifyOrphan(customerId: string): Promise<OrphanedCustomer | null> {
  const named = await findWorkspaceInMetadata(customerId);
  if (named === null) return null;
  const subscriptions = await listSubscriptions(customerId);
  const ongoing = subscriptions.filter(isOngoing).map(({ id }) => id);
  const workspace = z.uuid().safeParse(named).success ? await findWorkspace(db(), named) : undefined;
  if (workspace === undefined || workspace.deletedAt !== null) {
    const reason = workspace === undefined ? "its workspace does not exist" : "its workspace is deleted";
    return ongoing.length === 0
      ? null
      : { workspaceId: workspace?.id ?? null, canLink: false, reason, ongoing };
  }
  const { id: workspaceId, customerId: other } = workspace;
  if (other === null) return { workspaceId, canLink: true, reason: "its workspace has no customer", ongoing };
  return ongoing.length === 0
    ? null
    : { workspaceId, canLink: false, reason: `its workspace has the customer ${other}`, ongoing };
}

async function findWorkspace(tx: Tx, workspaceId: string) {
  const [row] = await tx
    .select({
      id: workspaces.id,
      deletedAt: workspaces.deletionStartedAt,
      customerId: billingCustomers.stripeCustomerId,
    })
    .from(workspaces)
    .leftJoin(billingCustomers, eq(billingCustomers.workspaceId, workspaces.id))
    .where(eq(workspaces.id, workspaceId));
  return row;
}

/** Links a customer to its workspace, unless the workspace has one by now. Under the workspace's lock. */
export async function linkCustomer(tx: Tx, workspaceId: string, customerId: string, at: Date): Promise<void> {
  await tx
    .insert(billingCustomers)
    .values({ workspaceId, stripeCustomerId: customerId, createdAt: at })
    .onConflictDoNothing();
}
