import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { members, users, workspaces } from "#db/schema/accounts.ts";
import { billingCustomers, formerCustomers, subscriptions } from "#db/schema/billing.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import type { Locale } from "#lib/core/locale.ts";
import { createCustomer, customerExists, updateContact } from "#lib/gateways/stripe/customers.ts";

/**
 * Returns the workspace of a Stripe customer, also of one that was replaced by a later purchase; null for a
 * customer that no workspace ever had.
 */
export async function findWorkspaceOfCustomer(tx: Tx, customerId: string): Promise<string | null> {
  const current = tx
    .select({ workspaceId: billingCustomers.workspaceId })
    .from(billingCustomers)
    .where(eq(billingCustomers.stripeCustomerId, customerId));
  const former = tx
    .select({ workspaceId: formerCustomers.workspaceId })
    .from(formerCustomers)
    .where(eq(formerCustomers.stripeCustomerId, customerId));
  const [row] = await current.unionAll(former);
  return row?.workspaceId ?? null;
}

/** Whether a customer was replaced: its payments still count, but it describes the workspace no more. */
export async function isFormerCustomer(tx: Tx, customerId: string): Promise<boolean> {
  const [row] = await tx
    .select({ id: formerCustomers.stripeCustomerId })
    .from(formerCustomers)
    .where(eq(formerCustomers.stripeCustomerId, customerId));
  return row !== undefined;
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
 * customer; what may change until then (name, email and language) is therefore set by a second call.
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
  const stripeCustomerId = await createCustomer(workspaceId, key);
  await updateContact(stripeCustomerId, owner);
  if (existing !== undefined) await replaceCustomer(tx, existing, at);
  const row = { stripeCustomerId, createdAt: at, syncedAt: null, deletedAt: null };
  await tx
    .insert(billingCustomers)
    .values({ workspaceId, ...row })
    .onConflictDoUpdate({ target: billingCustomers.workspaceId, set: row });
  return stripeCustomerId;
}

/**
 * Remembers a customer that was deleted at Stripe, and ends its subscriptions, which Stripe canceled. Refunds
 * and disputes of its payments still concern the workspace.
 */
async function replaceCustomer(
  tx: Tx,
  { stripeCustomerId, workspaceId }: typeof billingCustomers.$inferSelect,
  at: Date,
): Promise<void> {
  await tx
    .insert(formerCustomers)
    .values({ stripeCustomerId, workspaceId, replacedAt: at })
    .onConflictDoNothing();
  await endSubscriptions(tx, stripeCustomerId, at);
}

/**
 * Marks the subscriptions of a customer that was deleted at Stripe as canceled: Stripe no longer lists them.
 */
export async function endSubscriptions(tx: Tx, customerId: string, at: Date): Promise<void> {
  await tx
    .update(subscriptions)
    .set({
      status: "canceled",
      endedAt: at,
      canceledAt: sql`coalesce(${subscriptions.canceledAt}, ${at.toISOString()}::timestamptz)`,
    })
    .where(and(eq(subscriptions.stripeCustomerId, customerId), isNull(subscriptions.endedAt)));
}

/** Returns the address for a workspace's billing emails; null after its owner was deleted. */
export async function findBillingEmail(tx: Tx, workspaceId: string): Promise<string | null> {
  return (await findOwner(tx, workspaceId))?.email ?? null;
}

/** Returns the language for a workspace's invoices; null after its owner was deleted. */
export async function findBillingLocale(tx: Tx, workspaceId: string): Promise<Locale | null> {
  const owner = await findOwner(tx, workspaceId);
  return owner === undefined ? null : localeOf(owner);
}

function localeOf({ locale, browserLocale }: { locale: Locale | null; browserLocale: Locale }): Locale {
  return locale ?? browserLocale;
}

type Contact = { email: string; name: string; locale: Locale };

async function requireOwner(tx: Tx, workspaceId: string): Promise<Contact> {
  const owner = await findOwner(tx, workspaceId);
  if (owner === undefined || owner.deletionStartedAt !== null)
    throw new AppError("forbidden", { reason: errorReason("workspaceBeingDeleted") });
  return { email: owner.email, name: owner.name, locale: localeOf(owner) };
}

async function findOwner(tx: Tx, workspaceId: string) {
  const [owner] = await tx
    .select({
      email: users.email,
      name: users.name,
      locale: users.locale,
      browserLocale: users.browserLocale,
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
