import { db } from "#db/client.ts";
import { type BillingAdmin, requireBillingAdmin } from "#lib/billing/customer/billing-admin.ts";
import { findCustomerId } from "#lib/billing/customer/customers.ts";
import { env } from "#lib/core/env.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import { createPortalSession } from "#lib/gateways/stripe/portal.ts";

/**
 * Opens Stripe's customer portal.
 * @returns its URL, which is valid for this user and a few minutes
 * @throws AppError forbidden, not_found (no payment so far), billing_unavailable
 */
export async function openPortal(admin: BillingAdmin): Promise<{ url: string }> {
  requireBillingAdmin(admin);
  const customerId = await findCustomerId(db(), admin.workspaceId);
  if (customerId === null) throw new AppError("not_found", { reason: errorReason("nothingToManage") });
  return { url: await createPortalSession(customerId, new URL("/billing", env().APP_URL).href) };
}
