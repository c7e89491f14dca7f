import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { withCustomerLock } from "#lib/billing/customer-lock.ts";
import { findCustomerOf } from "#lib/billing/customers.ts";
import { type Payer, requirePayer } from "#lib/billing/payer.ts";
import { putAside } from "#lib/billing/settle-store.ts";
import { refreshCustomer } from "#lib/billing/sync.ts";
import { AppError, notFound } from "#lib/core/errors.ts";
import { cancelSubscriptionAtPeriodEnd, keepSubscription, listSubscriptions } from "#lib/gateways/stripe/stripe.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";

/**
 * Lets the running subscription end with its period (M14): everything stays until then. Saying it twice is saying it once.
 * @throws AppError forbidden, not_found (nothing runs), billing_unavailable
 */
export async function cancelAtPeriodEnd(payer: Payer, at: Date): Promise<void> {
  await changeSubscription(payer, "subscription.cancel_announced", at, async (subscription) => {
    if (isEnding(subscription)) return false;
    // A schedule would keep its hand on the end. What it has in store is wanted again if the end is taken back.
    await putAside(subscription);
    await cancelSubscriptionAtPeriodEnd(subscription.id);
    return true;
  });
}

/**
 * Takes an announced end back, whether it was announced here or in Stripe's portal (which sets a date).
 * @throws AppError forbidden, not_found (nothing runs), billing_unavailable
 */
export async function resumeSubscription(payer: Payer, at: Date): Promise<void> {
  await changeSubscription(payer, "subscription.cancel_taken_back", at, async (subscription) => {
    if (!isEnding(subscription)) return false;
    await keepSubscription(subscription.id, subscription.cancelAtPeriodEnd ? "period_end" : "date");
    return true;
  });
}

function isEnding({ cancelAtPeriodEnd, cancelAt }: StripeSubscription): boolean {
  return cancelAtPeriodEnd || cancelAt !== null;
}

/** Both set a state and do not toggle one, so no key is needed against a second click: it finds nothing left to do. */
async function changeSubscription(
  payer: Payer,
  action: string,
  at: Date,
  change: (subscription: StripeSubscription) => Promise<boolean>,
): Promise<void> {
  requirePayer(payer);
  const { workspaceId, userId } = payer;
  const customerId = await findCustomerOf(db(), workspaceId);
  if (customerId === null) throw notFound("subscription");
  await withCustomerLock(workspaceId, async (tx) => {
    const subscriptions = await listSubscriptions(customerId);
    const running = subscriptions.find(({ status }) => ["active", "trialing", "past_due"].includes(status));
    if (running === undefined)
      throw new AppError("not_found", { message: "There is no subscription to change." });
    const changed = await change(running);
    await refreshCustomer(tx, workspaceId, customerId, at);
    if (changed) await recordAudit(tx, { action, actorUserId: userId, workspaceId, target: running.id }, at);
  });
}
