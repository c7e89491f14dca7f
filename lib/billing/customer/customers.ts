import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { members, users, workspaces } from "#db/schema/accounts.ts";
import { billingCustomers } from "#db/schema/billing.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import { createCustomer, customerExists } from "#lib/gateways/stripe/customers.ts";

/** Returns the workspace of a Stripe customer; null for a customer that no workspace has. */
export async function findWorkspaceOfCustomer(tx: Tx, customerId: string): Promise<string | null> {
  const [row] = await tx
    .select({ workspaceId: billingCustomers.workspaceId })
    .from(billingCustomers)
    .where(eq(billingCustomers.stripeCustomerId, customerId));
  return row?.workspaceId ?? null;
}

/**
 * Returns the id of a workspace's Stripe customer; null before the first payment, or after its deletion at
 * Stripe.
 */
export async function findCustomerId(tx: Tx, workspaceId: string): Promise<string | null> {
  const [row] = await tx
    .select({ customerId: billingCustomers.stripeCustomerId })
    .from(billingCustomers)
    .where(and(eq(billingCustomers.workspaceId, workspaceId), isNull(billingCustomers.deletedAt)));
  return row?.customerId ?? null;
}

/**
 * Returns the id of a workspace's Stripe customer and creates the customer if there is none. Call it under
 * the workspace's lock, in its own transaction, so that the customer is committed before anything is sold to
 * it. If the process ends between Stripe's creation and the commit, the idempotency key returns the same
 * customer.
 * @throws AppError billing_unavailable; forbidden once the workspace's deletion has begun
 */
export async function ensureCustomer(tx: Tx, workspaceId: string, at: Date): Promise<string> {
  const [existing] = await tx
    .select()
    .from(billingCustomers)
    .where(eq(billingCustomers.workspaceId, workspaceId));
  if (
    existing !== undefined &&
    existing.deletedAt === null &&
    (await customerExists(existing.stripeCustomerId))
  )
    return existing.stripeCustomerId;
  const owner = await requireOwner(tx, workspaceId);
  const key = `customer:${workspaceId}:${existing?.stripeCustomerId ?? "first"}`;
  const stripeCustomerId = await createCustomer({ ...owner, workspaceId }, key);
  const row = { stripeCustomerId, createdAt: at, syncedAt: null, deletedAt: null };
  await tx
    .insert(billingCustomers)
    .values({ workspaceId, ...row })
    .onConflictDoUpdate({ target: billingCustomers.workspaceId, set: row });
  return stripeCustomerId;
}

/** Returns the address for a workspace's billing emails; null after its owner was deleted. */
export async function findBillingEmail(tx: Tx, workspaceId: string): Promise<string | null> {
  return (await findOwner(tx, workspaceId))?.email ?? null;
}

async function requireOwner(tx: Tx, workspaceId: string): Promise<{ email: string; name: string }> {
  const owner = await findOwner(tx, workspaceId);
  if (owner === undefined || owner.deletionStartedAt !== null)
    throw new AppError("forbidden", { reason: errorReason("workspaceBeingDeleted") });
  return { email: owner.email, name: owner.name };
}

async function findOwner(tx: Tx, workspaceId: string) {
  const [owner] = await tx
    .select({
      email: users.email,
      name: users.name,
      deletionStartedAt: workspaces.deletionStartedAt,
    })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .innerJoin(workspaces, eq(workspaces.id, members.workspaceId))
    .where(and(eq(members.workspaceId, workspaceId), eq(members.role, "owner")))
    .orderBy(members.createdAt)
    .limit(1);
  return owner;
}
