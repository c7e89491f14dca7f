import type { Tx } from "#db/client.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { findBillingLocale } from "#lib/billing/customer/customers.ts";
import { updateLocale } from "#lib/gateways/stripe/customers.ts";

/**
 * Sets a customer's language at Stripe to that of the workspace's owner if it differs: Stripe's invoices,
 * PDFs and receipts use it. Under the customer's lock.
 * @throws AppError billing_unavailable
 */
export async function syncLocale(
  tx: Tx,
  workspaceId: string,
  { customerId, details }: CustomerState,
): Promise<void> {
  if (details === null) return;
  const locale = await findBillingLocale(tx, workspaceId);
  if (locale !== null && details.preferredLocales[0] !== locale) await updateLocale(customerId, locale);
}
