import { eq } from "drizzle-orm";
import { db } from "#db/client.ts";
import { users, workspaces } from "#db/schema/accounts.ts";
import { withCustomerLock } from "#lib/billing/customer-lock.ts";
import { ensureCustomer } from "#lib/billing/customers.ts";
import { plans } from "#lib/billing/plans.ts";
import { readSubscription } from "#lib/billing/read.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";

/**
 * Puts a seeded person on Pro, monthly, the way it really happens: a customer with a card and a subscription at Stripe
 * (the sandbox's), then our sync, which grants the allowance. Whoever has a subscription is left alone.
 */
export async function subscribeToPro(email: string): Promise<void> {
  const workspaceId = await findPersonalWorkspace(email);
  if ((await readSubscription(db(), workspaceId)) !== null) return;
  const customer = await withCustomerLock(workspaceId, (tx) => ensureCustomer(tx, workspaceId, now()));
  const card = await ask("POST", "payment_methods/pm_card_visa/attach", { customer });
  await ask("POST", `customers/${customer}`, { "invoice_settings[default_payment_method]": card.id });
  await ask("POST", "subscriptions", {
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
  const { data } = await ask("GET", `prices?active=true&lookup_keys[0]=${encodeURIComponent(lookupKey)}`);
  const price = data?.[0];
  if (price === undefined)
    throw new Error(`Stripe has no price "${lookupKey}": run npm run billing:sync first.`);
  return price.id;
}

type StripeAnswer = { id: string; data?: { id: string }[]; error?: { message?: string } };

/** The app sells through Checkout alone, so its gateway knows no card and no direct subscription; this is Stripe's REST. */
async function ask(
  method: "GET" | "POST",
  path: string,
  form?: Record<string, string>,
): Promise<StripeAnswer> {
  const response = await fetch(`${env().STRIPE_API_BASE}/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${env().STRIPE_SECRET_KEY}` },
    ...(form && { body: new URLSearchParams(form) }),
  });
  // Stripe's answers are objects with these fields, or an error.
  const answer = (await response.json()) as StripeAnswer;
  if (!response.ok) throw new Error(`Stripe refused ${path}: ${answer.error?.message ?? response.status}`);
  return answer;
}
