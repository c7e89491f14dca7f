import { overagePrices } from "#lib/billing/catalog/overage-prices.ts";
import { findOffer, type Offer } from "#lib/billing/catalog/plans.ts";
import { requirePriceId } from "#lib/billing/catalog/price-ids.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { meteredItemOf, planItemOf } from "#lib/billing/customer/subscription-items.ts";
import { isRunning } from "#lib/billing/customer/subscription-statuses.ts";
import { AppError } from "#lib/core/errors.ts";
import { findPrice } from "#lib/gateways/stripe/catalog/find-price.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";
import {
  findNextPhase,
  releaseSchedule,
  schedulePriceChange,
  writeSuspendedChange,
} from "#lib/gateways/stripe/schedules.ts";

type Changeable = Pick<
  StripeSubscription,
  "status" | "items" | "suspendedChange" | "scheduleId" | "pendingUntil" | "cancelAt" | "cancelAtPeriodEnd"
>;
type SuspendedChangeDecision = { kind: "restore"; next: Offer } | { kind: "drop" };

/**
 * Removes a subscription's schedule, because Stripe allows neither a pending change nor a cancellation beside
 * one. The scheduled change is first written to the subscription's metadata, so that
 * `restoreScheduledChanges` restores it if the pending change is declined or expires, if the cancellation is
 * undone, or if this process ends in between.
 * @throws AppError billing_unavailable
 */
export async function suspendScheduledChange({ id, scheduleId, items }: StripeSubscription): Promise<void> {
  if (scheduleId === null) return;
  const from = planItemOf(items)?.offer;
  const next = await findNextPhase(scheduleId);
  const prices = await Promise.all((next?.priceIds ?? []).map(findPrice));
  const to = prices.map(({ lookupKey }) => findOffer(lookupKey)).find((found) => found !== undefined);
  if (from !== undefined && to !== undefined)
    await writeSuspendedChange(id, `${from.price.lookupKey} ${to.price.lookupKey}`);
  await releaseSchedule(scheduleId);
}

/**
 * Decides whether to restore or drop a suspended change. Pure.
 * @returns null without a suspended change, or while the pending change or the cancellation is still open
 */
export function decideSuspendedChange(subscription: Changeable): SuspendedChangeDecision | null {
  const { status, items, suspendedChange, scheduleId, pendingUntil, cancelAt, cancelAtPeriodEnd } =
    subscription;
  const isCanceling = (cancelAt !== null || cancelAtPeriodEnd) && isRunning(subscription);
  if (suspendedChange === null || pendingUntil !== null || isCanceling) return null;
  const [from, next] = suspendedChange.split(" ").map(findOffer);
  const hasSamePlan = from !== undefined && planItemOf(items)?.offer === from;
  if (status === "active" && hasSamePlan && scheduleId === null && next !== undefined)
    return { kind: "restore", next };
  return { kind: "drop" };
}

/**
 * Restores suspended changes whose replacement did not take effect. Under the customer's lock. One whose
 * price is not for sale any more stays suspended; the operator is told.
 * @returns whether Stripe's state has changed
 * @throws AppError billing_unavailable
 */
export async function restoreScheduledChanges({
  subscriptions,
}: Pick<CustomerState, "subscriptions">): Promise<boolean> {
  let changed = false;
  for (const subscription of subscriptions) {
    const decision = decideSuspendedChange(subscription);
    if (decision === null) continue;
    if (decision.kind === "restore" && !(await restore(subscription, decision.next))) continue;
    await writeSuspendedChange(subscription.id, null);
    changed = true;
  }
  return changed;
}

/** @returns false when a price is not for sale any more */
async function restore(subscription: StripeSubscription, next: Offer): Promise<boolean> {
  const plan = planItemOf(subscription.items);
  const metered = meteredItemOf(subscription.items);
  if (plan === undefined) return true;
  try {
    const prices = new Map([[plan.item.id, await requirePriceId(next.price.lookupKey)]]);
    if (metered !== undefined) prices.set(metered.id, await requirePriceId(overagePrices[next.interval]));
    await schedulePriceChange(subscription, prices);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "purchase_refused") return false;
    throw error;
  }
}
