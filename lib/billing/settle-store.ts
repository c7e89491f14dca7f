import type { CustomerState } from "#lib/billing/fetch-customer.ts";
import { overagePrices } from "#lib/billing/overage-prices.ts";
import { findOffer, type Offer } from "#lib/billing/plans.ts";
import { priceIdOf } from "#lib/billing/price-ids.ts";
import { meteredItemOf, planItemOf } from "#lib/billing/subscription-items.ts";
import {
  findScheduledPrices,
  noteStore,
  releaseSchedule,
  schedulePriceChange,
} from "#lib/gateways/stripe-changes.ts";
import type { StripeSubscription } from "#lib/gateways/stripe-objects.ts";
import { findPrice } from "#lib/gateways/stripe-prices.ts";

type Known = Pick<
  StripeSubscription,
  "status" | "items" | "storeNote" | "scheduleId" | "pendingUntil" | "cancelAt" | "cancelAtPeriodEnd"
>;
/** In which an announced end can still be taken back. */
const runs = new Set(["active", "trialing", "past_due"]);
type StoreDecision = { kind: "restore"; next: Offer } | { kind: "forget" };

/**
 * Puts aside what is in store for the period's end, because Stripe takes no change that waits for its payment beside a schedule,
 * and no end either. It is noted with the subscription first: whether the change is declined or lapses, the end is taken back,
 * or this process ends in between, `settleStores` brings it back.
 * @throws AppError billing_unavailable
 */
export async function putAside({ id, scheduleId, items }: StripeSubscription): Promise<void> {
  if (scheduleId === null) return;
  const from = planItemOf(items)?.offer;
  const next = await findScheduledPrices(scheduleId);
  const prices = await Promise.all((next?.priceIds ?? []).map(findPrice));
  const to = prices.map(({ lookupKey }) => findOffer(lookupKey)).find((found) => found !== undefined);
  if (from !== undefined && to !== undefined)
    await noteStore(id, `${from.price.lookupKey} ${to.price.lookupKey}`);
  await releaseSchedule(scheduleId);
}

/**
 * What becomes of what was put aside, once the change it made room for has come about or not. Pure.
 * @returns null where nothing was put aside, or where that change still waits, be it for the plan's announced end
 */
export function decideStore(subscription: Known): StoreDecision | null {
  const { status, items, storeNote, scheduleId, pendingUntil, cancelAt, cancelAtPeriodEnd } = subscription;
  const isEnding = cancelAt !== null || cancelAtPeriodEnd;
  if (storeNote === null || pendingUntil !== null || (isEnding && runs.has(status))) return null;
  const [from, next] = storeNote.split(" ").map(findOffer);
  const isRunning = status === "active";
  const isAsBefore = from !== undefined && planItemOf(items)?.offer === from;
  if (isRunning && isAsBefore && scheduleId === null && next !== undefined) return { kind: "restore", next };
  return { kind: "forget" };
}

/**
 * Brings back what was put aside for a change that did not come about. Under the customer's lock.
 * @returns whether Stripe's state is another one now
 * @throws AppError billing_unavailable
 */
export async function settleStores({
  subscriptions,
}: Pick<CustomerState, "subscriptions">): Promise<boolean> {
  let changed = false;
  for (const subscription of subscriptions) {
    const decision = decideStore(subscription);
    if (decision === null) continue;
    if (decision.kind === "restore") await restore(subscription, decision.next);
    await noteStore(subscription.id, null);
    changed = true;
  }
  return changed;
}

async function restore(subscription: StripeSubscription, next: Offer): Promise<void> {
  const plan = planItemOf(subscription.items);
  const metered = meteredItemOf(subscription.items);
  if (plan === undefined) return;
  const prices = new Map([[plan.item.id, await priceIdOf(next.price.lookupKey)]]);
  if (metered !== undefined) prices.set(metered.id, await priceIdOf(overagePrices[next.interval]));
  await schedulePriceChange(subscription, prices);
}
