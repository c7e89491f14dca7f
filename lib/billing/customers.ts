import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { members, users, workspaces } from "#db/schema/accounts.ts";
import { billingCustomers } from "#db/schema/billing.ts";
import { AppError } from "#lib/core/errors.ts";
import { createCustomer, customerExists } from "#lib/gateways/stripe/stripe.ts";

/** The workspace that a Stripe customer belongs to; null for a customer that is not ours. */
export async function findWorkspaceOf(tx: Tx, customerId: string): Promise<string | null> {
  const [row] = await tx
    .select({ workspaceId: billingCustomers.workspaceId })
    .from(billingCustomers)
    .where(eq(billingCustomers.stripeCustomerId, customerId));
  return row?.workspaceId ?? null;
}

/** A workspace's Stripe customer; null where nobody ever paid, or where it was deleted at Stripe. */
export async function findCustomerOf(tx: Tx, workspaceId: string): Promise<string | null> {
  const [row] = await tx
    .select({ customerId: billingCustomers.stripeCustomerId })
    .from(billingCustomers)
    .where(and(eq(billingCustomers.workspaceId, workspaceId), isNull(billingCustomers.deletedAt)));
  return row?.customerId ?? null;
}

/**
 * A workspace's Stripe customer, made where there is none: one each. Call it under the workspace's lock, in a transaction
 * of its own, so that the customer is known here before anything is sold to it. A customer that Stripe made and that was
 * then lost on the way comes back by the idempotency key.
 * @throws AppError billing_unavailable; forbidden once its deletion has begun: nothing more is sold to it
 */
export async function ensureCustomer(tx: Tx, workspaceId: string, at: Date): Promise<string> {
  const [known] = await tx
    .select()
    .from(billingCustomers)
    .where(eq(billingCustomers.workspaceId, workspaceId));
  if (known !== undefined && known.deletedAt === null && (await customerExists(known.stripeCustomerId)))
    return known.stripeCustomerId;
  const payer = await readPayer(tx, workspaceId);
  const key = `customer:${workspaceId}:${known?.stripeCustomerId ?? "first"}`;
  const stripeCustomerId = await createCustomer({ ...payer, workspaceId }, key);
  const fresh = { stripeCustomerId, createdAt: at, syncedAt: null, deletedAt: null };
  await tx
    .insert(billingCustomers)
    .values({ workspaceId, ...fresh })
    .onConflictDoUpdate({ target: billingCustomers.workspaceId, set: fresh });
  return stripeCustomerId;
}

/** Whom letters about a workspace's money go to; null once its people were deleted. */
export async function findPayerAddress(tx: Tx, workspaceId: string): Promise<string | null> {
  return (await findPayer(tx, workspaceId))?.email ?? null;
}

/** A workspace without an owner, or one whose owner is on the way out, buys nothing. */
async function readPayer(tx: Tx, workspaceId: string): Promise<{ email: string; name: string }> {
  const owner = await findPayer(tx, workspaceId);
  if (owner === undefined || owner.deletionStartedAt !== null)
    throw new AppError("forbidden", { message: "This workspace is being deleted." });
  return { email: owner.email, name: owner.name };
}

/** A workspace's owner. */
async function findPayer(tx: Tx, workspaceId: string) {
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
