/**
 * Stripe's subscription statuses, grouped by what they mean here. Each group is defined only in this file.
 */

/** The customer has the plan, or had it until a payment failed. Stripe bills the subscription again. */
export const runningStatuses: ReadonlySet<string> = new Set(["active", "trialing", "past_due"]);

/** In good standing: Stripe renews the subscription, and its plan can be changed. */
export const renewingStatuses: ReadonlySet<string> = new Set(["active", "trialing"]);

/** Over for good: Stripe never changes these subscriptions again. */
export const endedStatuses: ReadonlySet<string> = new Set(["canceled", "incomplete_expired"]);

/** Stripe may charge the subscription's card again, so a new card must be written to it. */
export const chargeableStatuses: ReadonlySet<string> = new Set([...runningStatuses, "unpaid", "paused"]);

/** A payment could not be collected, and its invoice is still open. */
export const overdueStatuses: ReadonlySet<string> = new Set(["past_due", "unpaid"]);

type WithStatus = { status: string };

/** Whether a subscription is active, trialing or past due. */
export function isRunning({ status }: WithStatus): boolean {
  return runningStatuses.has(status);
}

/** Whether a subscription is active or trialing. */
export function isRenewing({ status }: WithStatus): boolean {
  return renewingStatuses.has(status);
}

/** Whether a subscription is neither canceled nor expired. It may still be incomplete, unpaid or paused. */
export function isOngoing({ status }: WithStatus): boolean {
  return !endedStatuses.has(status);
}

/** Whether a payment of a subscription could not be collected and is still open. */
export function isOverdue({ status }: WithStatus): boolean {
  return overdueStatuses.has(status);
}
