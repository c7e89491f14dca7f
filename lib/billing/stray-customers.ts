import { eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { db, type Tx } from "#db/client.ts";
import { workspaces } from "#db/schema/accounts.ts";
import { billingCustomers } from "#db/schema/billing.ts";
import { isRunning } from "#lib/billing/decide-checkout.ts";
import { listSubscriptions } from "#lib/gateways/stripe.ts";
import { findNamedWorkspace, namedCustomers } from "#lib/gateways/stripe-strays.ts";

/**
 * A customer at Stripe that names a workspace and that no row of ours knows: lost on the way, or made by hand.
 * `adopt` says that the workspace is there and has no other customer, so that this one is its own.
 */
export type Stray = { workspaceId: string | null; adopt: boolean; why: string; running: string[] };

const batchSize = 500;

/** The ids of all customers at Stripe that carry our metadata and have no row here. @throws AppError billing_unavailable */
export async function findStrays(): Promise<string[]> {
  const named = new Set<string>();
  for await (const { customerId } of namedCustomers()) named.add(customerId);
  const strays: string[] = [];
  const all = [...named];
  for (let from = 0; from < all.length; from += batchSize) {
    const batch = all.slice(from, from + batchSize);
    const rows = await db()
      .select({ id: billingCustomers.stripeCustomerId })
      .from(billingCustomers)
      .where(inArray(billingCustomers.stripeCustomerId, batch));
    const known = new Set(rows.map(({ id }) => id));
    strays.push(...batch.filter((id) => !known.has(id)));
  }
  return strays;
}

/**
 * What is to become of a customer that no row of ours knows.
 * @returns null for one that is not ours at all, or by which nobody pays for anything: those hurt nobody
 * @throws AppError billing_unavailable
 */
export async function judgeStray(customerId: string): Promise<Stray | null> {
  const named = await findNamedWorkspace(customerId);
  if (named === null) return null;
  const subscriptions = await listSubscriptions(customerId);
  const running = subscriptions.filter(isRunning).map(({ id }) => id);
  const workspace = z.uuid().safeParse(named).success ? await findWorkspace(db(), named) : undefined;
  if (workspace === undefined || workspace.deletedAt !== null) {
    const why = workspace === undefined ? "its workspace does not exist" : "its workspace is deleted";
    return running.length === 0 ? null : { workspaceId: workspace?.id ?? null, adopt: false, why, running };
  }
  const { id: workspaceId, customerId: other } = workspace;
  if (other === null) return { workspaceId, adopt: true, why: "its workspace has no customer", running };
  return running.length === 0
    ? null
    : { workspaceId, adopt: false, why: `its workspace has the customer ${other}`, running };
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

/** Makes a stray its workspace's customer; nothing where the workspace has one by now. Under the workspace's lock. */
export async function adoptStray(tx: Tx, workspaceId: string, customerId: string, at: Date): Promise<void> {
  await tx
    .insert(billingCustomers)
    .values({ workspaceId, stripeCustomerId: customerId, createdAt: at })
    .onConflictDoNothing();
}
