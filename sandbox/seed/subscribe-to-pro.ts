import { eq } from "drizzle-orm";
import { db } from "#db/client.ts";
import { users, workspaces } from "#db/schema/accounts.ts";
import { plans } from "#lib/billing/catalog/plans.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import { ensureCustomer } from "#lib/billing/customer/customers.ts";
import { readSubscription } from "#lib/billing/entitlements/subscription-state.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";

/**
 * Subscribes a demo user to Pro, monthly: creates a customer, a card and a subscription at the sandbox's
 * Stripe, and syncs, which grants the allowance. Does nothing if the workspace has a subscription.
 */
export async function subscribeToPro(email: string): Promise<void> {
  const workspaceId = await findPersonalWorkspace(email);
  if ((await readSubscription(db(), workspaceId)) !== null) return;
  const customer = await withCustomerLock(workspaceId, (tx) => ensureCustomer(tx, workspaceId, now()));
  const card = await callStripeApi("POST", "payment_methods/pm_card_visa/attach", { customer });
  await callStripeApi("POST", `customers/${customer}`, {
    "invoice_settings[default_payment_method]": card.id,
  });
  await callStripeApi("POST", "subscriptions", {
    customer,
    "items[0][price]": await findProPrice(),
    "metadata[workspaceId]": workspaceId,
  });
  await syncCustomer(customer);
}

async function findPersonalWorkspace(email: string): Promise<string> {
  const [row] = await db()
    .select({ id: workspaces.id })
    .from(workspaces)
    .innerJoin(users, eq(users.id, workspaces.personalUserId))
    .where(eq(users.email, email));
  if (row === undefined) throw new Error(`${email} is not seeded.`);
  return row.id;
}

async function findProPrice(): Promise<string> {
  const lookupKey = plans.pro.prices.month?.lookupKey ?? "";
  const { data } = await callStripeApi(
    "GET",
    `prices?active=true&lookup_keys[0]=${encodeURIComponent(lookupKey)}`,
  );
  const price = data?.[0];
  if (price === undefined)
    throw new Error(`Stripe has no price "${lookupKey}": run npm run billing:sync first.`);
  return price.id;
}

type StripeResponse = { id: string; data?: { id: string }[]; error?: { message?: string } };

/**
 * Calls Stripe's REST API directly, because the app sells through Checkout only: its gateway creates no cards
 * or subscriptions.
 */
async function callStripeApi(
  method: "GET" | "POST",
  path: string,
  form?: Record<string, string>,
): Promise<StripeResponse> {
  const response = await fetch(`${env().STRIPE_API_BASE}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${env().STRIPE_SECRET_KEY}` },
    ...(form && { body: new URLSearchParams(form) }),
  });
  // Stripe returns an object with these fields, or an error.
  const body = (await response.json()) as StripeResponse;
  if (!response.ok) throw new Error(`Stripe refused ${path}: ${body.error?.message ?? response.status}`);
  return body;
}
