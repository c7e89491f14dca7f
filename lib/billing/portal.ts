import { db } from "#db/client.ts";
import { findCustomerOf } from "#lib/billing/customers.ts";
import { type Payer, requirePayer } from "#lib/billing/payer.ts";
import { createPortalSession } from "#lib/gateways/stripe.ts";
import { env } from "#lib/ground/env.ts";
import { AppError } from "#lib/ground/errors.ts";

/**
 * Opens Stripe's portal, where cards, addresses and tax ids are kept.
 * @returns its address, for this person alone and for a few minutes
 * @throws AppError forbidden, not_found (nobody ever paid), billing_unavailable
 */
export async function openPortal(payer: Payer): Promise<{ url: string }> {
  requirePayer(payer);
  const customerId = await findCustomerOf(db(), payer.workspaceId);
  if (customerId === null)
    throw new AppError("not_found", { message: "There is nothing to manage before a first payment." });
  return { url: await createPortalSession(customerId, new URL("/billing", env().APP_URL).href) };
}
