import { eq, sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { billingCustomers } from "#db/schema/billing.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { findCustomerId } from "#lib/billing/customer/customers.ts";
import { isOngoing } from "#lib/billing/customer/subscription-statuses.ts";
import { fetchCustomer } from "#lib/billing/sync/fetch-customer.ts";
import { meterWorkspace } from "#lib/billing/sync/meter-outbox.ts";
import { applyCustomerState } from "#lib/billing/sync/sync-customer.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { traced } from "#lib/core/observability/tracing.ts";
import { expireCheckoutSession } from "#lib/gateways/stripe/checkout-sessions.ts";
import { isRefused } from "#lib/gateways/stripe/client.ts";
import { deleteCustomer } from "#lib/gateways/stripe/customers.ts";
import { releaseSchedule } from "#lib/gateways/stripe/schedules.ts";
import { cancelSubscriptionNow } from "#lib/gateways/stripe/subscriptions.ts";

/**
 * Ends a workspace's subscriptions immediately and deletes its customer at Stripe with card, address and
 * name. A customer who still pays for another product is kept, and the operator is told. It is the first step
 * of a deletion, so that no account is deleted while its billing continues. An interrupted call can be
 * repeated.
 * @throws AppError billing_unavailable; what was ended until then stays ended
 */
export const closeBilling = traced(
  "billing.closeBilling",
  async (workspaceId: string, at: Date): Promise<void> => {
    const customerId = await findCustomerId(db(), workspaceId);
    if (customerId === null) return;
    await reportOverage(workspaceId, at);
    await withCustomerLock(workspaceId, async (tx) => {
      const state = await fetchCustomer(customerId);
      if (!state.deleted) await endAtStripe(state);
      await applyCustomerState(tx, workspaceId, await fetchCustomer(customerId), at);
    });
  },
);

/**
 * Reports overage so far, so that the last invoice includes it (M16). Usage that Stripe rejects does not
 * block the deletion.
 */
async function reportOverage(workspaceId: string, at: Date): Promise<void> {
  try {
    await meterWorkspace(workspaceId, at);
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
}

/** Expires open Checkout pages first, so that nothing more is bought. */
async function endAtStripe(state: CustomerState): Promise<void> {
  const { customerId, sessions, subscriptions, otherSubscriptions } = state;
  for (const { id, status } of sessions) if (status === "open") await expireCheckoutSession(id);
  for (const { id, scheduleId } of subscriptions.filter(isOngoing)) {
    if (scheduleId !== null) await releaseSchedule(scheduleId);
    await cancelSubscriptionNow(id);
  }
  // Deleting the customer would cancel the other product's subscription.
  const others = otherSubscriptions.filter(isOngoing).map(({ id }) => id);
  if (others.length === 0) return deleteCustomer(customerId);
  await raiseAlert({
    key: `billing.kept:${customerId}`,
    title: "A deleted account's customer was kept at Stripe",
    detail: `Customer ${customerId} still has ${others.join(" and ")}, of another product. Delete the customer's personal data once that has ended.`,
  });
}

/** Deletes a workspace's personal data from the billing tables and events. Amounts and times remain. */
export async function anonymizeBilling(workspaceId: string): Promise<void> {
  const noCard = { cardBrand: null, cardLast4: null, cardExpMonth: null, cardExpYear: null };
  await db()
    .update(billingCustomers)
    .set({ ...noCard, invoiceName: null, address: null, taxIds: [] })
    .where(eq(billingCustomers.workspaceId, workspaceId));
  await db().execute(sql`
    update stripe_events set payload = '{}' where payload <> '{}' and customer_id in (
      select stripe_customer_id from billing_customers where workspace_id = ${workspaceId}::uuid
      union all select stripe_customer_id from former_customers where workspace_id = ${workspaceId}::uuid)`);
  await db().execute(sql`
    update invoices set hosted_url = null, pdf_url = null where workspace_id = ${workspaceId}::uuid`);
}
