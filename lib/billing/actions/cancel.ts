import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { type BillingAdmin, requireBillingAdmin } from "#lib/billing/customer/billing-admin.ts";
import { findCurrentAtStripe } from "#lib/billing/customer/current-subscription.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import { findCustomerId } from "#lib/billing/customer/customers.ts";
import { listPlanSubscriptions } from "#lib/billing/customer/plan-subscriptions.ts";
import { refuseDuringDeletion } from "#lib/billing/customer/refuse-during-deletion.ts";
import { isOngoing, isRunning } from "#lib/billing/customer/subscription-statuses.ts";
import { suspendScheduledChange } from "#lib/billing/sync/scheduled-changes.ts";
import { refreshCustomer } from "#lib/billing/sync/sync-customer.ts";
import { AppError, errorReason, notFound } from "#lib/core/errors.ts";
import { traced } from "#lib/core/observability/tracing.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";
import { releaseSchedule } from "#lib/gateways/stripe/schedules.ts";
import {
  cancelSubscriptionAtPeriodEnd,
  cancelSubscriptionNow,
  undoCancellation,
} from "#lib/gateways/stripe/subscriptions.ts";

/**
 * Cancels the current plan: at the end of its period (M14), or immediately when it entitles to nothing any
 * more (unpaid, paused, incomplete). Open invoices stay payable. Idempotent.
 * @throws AppError forbidden, not_found (no plan to cancel), billing_unavailable
 */
export const cancelAtPeriodEnd = traced(
  "billing.cancelAtPeriodEnd",
  async (admin: BillingAdmin, at: Date): Promise<void> => {
    await changeSubscription(admin, "subscription.cancel_announced", at, async (subscription) => {
      if (!isRunning(subscription)) {
        if (subscription.scheduleId !== null) await releaseSchedule(subscription.scheduleId);
        await cancelSubscriptionNow(subscription.id);
        return true;
      }
      if (isEnding(subscription)) return false;
      // Stripe allows no cancellation beside a schedule. The scheduled change is restored if the cancellation
      // is undone.
      await suspendScheduledChange(subscription);
      await cancelSubscriptionAtPeriodEnd(subscription.id);
      return true;
    });
  },
);

/**
 * Undoes a cancellation that has not taken effect, whether it was made here or in Stripe's portal (which sets
 * a date).
 * @throws AppError forbidden, not_found (no running subscription), conflict (the account is to be deleted),
 *   billing_unavailable
 */
export const resumeSubscription = traced(
  "billing.resumeSubscription",
  async (admin: BillingAdmin, at: Date): Promise<void> => {
    await refuseDuringDeletion(db(), admin.workspaceId);
    await changeSubscription(admin, "subscription.cancel_taken_back", at, async (subscription) => {
      if (!isRunning(subscription) || !isEnding(subscription)) return false;
      await undoCancellation(subscription.id, subscription.cancelAtPeriodEnd ? "period_end" : "date");
      return true;
    });
  },
);

function isEnding({ cancelAtPeriodEnd, cancelAt }: StripeSubscription): boolean {
  return cancelAtPeriodEnd || cancelAt !== null;
}

/**
 * Applies a change to the current subscription. Both changes set a state, so repeating one needs no
 * idempotency key.
 */
async function changeSubscription(
  admin: BillingAdmin,
  action: string,
  at: Date,
  change: (subscription: StripeSubscription) => Promise<boolean>,
): Promise<void> {
  requireBillingAdmin(admin);
  const { workspaceId, userId } = admin;
  const customerId = await findCustomerId(db(), workspaceId);
  if (customerId === null) throw notFound("subscription");
  await withCustomerLock(workspaceId, async (tx) => {
    const current = findCurrentAtStripe(await listPlanSubscriptions(customerId));
    if (current === null || !isOngoing(current))
      throw new AppError("not_found", { reason: errorReason("missing", { resource: "subscription" }) });
    const changed = await change(current);
    await refreshCustomer(tx, workspaceId, customerId, at);
    if (changed) await recordAudit(tx, { action, actorUserId: userId, workspaceId, target: current.id }, at);
  });
}
