import { eq, sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { billingCustomers } from "#db/schema/billing.ts";
import { withCustomerLock } from "#lib/billing/customer-lock.ts";
import { findCustomerOf } from "#lib/billing/customers.ts";
import { isRunning } from "#lib/billing/decide-checkout.ts";
import { type CustomerState, fetchCustomer } from "#lib/billing/fetch-customer.ts";
import { meterWorkspace } from "#lib/billing/meter-outbox.ts";
import { applyCustomer } from "#lib/billing/sync.ts";
import { expireCheckoutSession } from "#lib/gateways/stripe.ts";
import { releaseSchedule } from "#lib/gateways/stripe-changes.ts";
import { isRefused } from "#lib/gateways/stripe-client.ts";
import { cancelSubscriptionNow, deleteCustomer } from "#lib/gateways/stripe-ends.ts";

/**
 * Ends everything that a workspace pays for, at once, and lets Stripe forget the customer: card, address and name. The first
 * step of a deletion, so that no account is gone whose billing goes on. Whatever was interrupted is done by calling it again.
 * @throws AppError billing_unavailable; what was ended until then stays ended
 */
export async function closeBilling(workspaceId: string, at: Date): Promise<void> {
  const customerId = await findCustomerOf(db(), workspaceId);
  if (customerId === null) return;
  await meterLast(workspaceId, at);
  await withCustomerLock(workspaceId, async (tx) => {
    const state = await fetchCustomer(customerId);
    if (!state.deleted) await endAtStripe(state);
    await applyCustomer(tx, workspaceId, await fetchCustomer(customerId), at);
  });
}

/** What was used beyond credit up to now is on the last invoice (M16). What Stripe refuses to count keeps nobody from leaving. */
async function meterLast(workspaceId: string, at: Date): Promise<void> {
  try {
    await meterWorkspace(workspaceId, at);
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
}

/** Pages at which something could still be bought are closed first. */
async function endAtStripe({ customerId, sessions, subscriptions }: CustomerState): Promise<void> {
  for (const { id, status } of sessions) if (status === "open") await expireCheckoutSession(id);
  for (const { id, scheduleId } of subscriptions.filter(isRunning)) {
    if (scheduleId !== null) await releaseSchedule(scheduleId);
    await cancelSubscriptionNow(id);
  }
  await deleteCustomer(customerId);
}

/** Takes the person out of the books: what is left of card, address and events tells amounts and times alone. */
export async function forgetPayer(workspaceId: string): Promise<void> {
  const nobody = { cardBrand: null, cardLast4: null, cardExpMonth: null, cardExpYear: null };
  await db()
    .update(billingCustomers)
    .set({ ...nobody, invoiceName: null, address: null, taxIds: [] })
    .where(eq(billingCustomers.workspaceId, workspaceId));
  await db().execute(sql`
    update stripe_events set payload = '{}' where payload <> '{}' and customer_id in (
      select stripe_customer_id from billing_customers where workspace_id = ${workspaceId}::uuid)`);
  await db().execute(sql`
    update invoices set hosted_url = null, pdf_url = null where workspace_id = ${workspaceId}::uuid`);
}
