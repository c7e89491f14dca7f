import { db } from "#db/client.ts";
import { type StripeJs, stripeJs } from "#lib/billing/actions/stripe-js.ts";
import { type BillingAdmin, requireBillingAdmin } from "#lib/billing/customer/billing-admin.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import { findCustomerId } from "#lib/billing/customer/customers.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import { createCardChange } from "#lib/gateways/stripe/card-change.ts";
import { listCheckoutSessions } from "#lib/gateways/stripe/history.ts";
import type { StripeCheckoutSession } from "#lib/gateways/stripe/objects.ts";
import { createCardPortal } from "#lib/gateways/stripe/portal.ts";

/**
 * Where the user enters a card: embedded in our page, or in Stripe's portal when Stripe.js is not configured.
 */
export type CardChange =
  | { kind: "embedded"; stripeJs: StripeJs; clientSecret: string }
  | { kind: "portal"; url: string };

/** A session that expires sooner is replaced. */
const minRemainingMs = 10 * 60_000;

/**
 * Starts a card change. Repeating it returns the same session. The next sync applies the chosen card, so that
 * it does not depend on the browser.
 * @throws AppError forbidden, not_found (no payment so far), billing_unavailable
 */
export async function startCardChange(admin: BillingAdmin): Promise<CardChange> {
  requireBillingAdmin(admin);
  const customerId = await requireCustomerId(admin.workspaceId);
  const script = stripeJs();
  if (script === null)
    return {
      kind: "portal",
      url: await createCardPortal(customerId, new URL("/billing", env().APP_URL).href),
    };
  const { workspaceId, userId } = admin;
  const session = await withCustomerLock(workspaceId, async () => {
    const sessions = await listCheckoutSessions(customerId);
    const key = ["card", customerId, userId, sessions[0]?.id ?? "first"].join(":");
    return sessions.find(isUsable) ?? createCardChange({ customerId, workspaceId, userId }, key);
  });
  if (session.clientSecret === null) throw new AppError("billing_unavailable");
  return { kind: "embedded", stripeJs: script, clientSecret: session.clientSecret };
}

/**
 * Syncs the customer after the browser reported a completed card change. The chosen card is read from Stripe,
 * not from the browser.
 * @throws AppError forbidden, not_found, billing_unavailable
 */
export async function finishCardChange(admin: BillingAdmin): Promise<void> {
  requireBillingAdmin(admin);
  await syncCustomer(await requireCustomerId(admin.workspaceId));
}

function isUsable({ isCardChange, status, clientSecret, expiresAt }: StripeCheckoutSession): boolean {
  const remainingMs = expiresAt.getTime() - now().getTime();
  return isCardChange && status === "open" && clientSecret !== null && remainingMs > minRemainingMs;
}

async function requireCustomerId(workspaceId: string): Promise<string> {
  const customerId = await findCustomerId(db(), workspaceId);
  if (customerId === null) throw new AppError("not_found", { reason: errorReason("cardNotNeeded") });
  return customerId;
}
