import { isOverageKey } from "#lib/billing/catalog/overage-prices.ts";
import { findOffer, planRank } from "#lib/billing/catalog/plans.ts";
import { endedStatuses, renewingStatuses } from "#lib/billing/customer/subscription-statuses.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";

/** An item of a subscription, as far as it decides which subscription counts. */
type CandidateItem = { id: string; lookupKey: string | null };

/** A subscription, as far as it decides which one counts. */
export type Candidate = {
  /** Stripe's id (sub_...). */
  id: string;
  /** Stripe's status. */
  status: string;
  createdAtMs: number;
  items: readonly CandidateItem[];
};

/**
 * Returns the subscription of a customer that counts. Only those with one of our plans do: in good standing
 * before past due, past due before every other state, ended ones last; then the higher plan, the newest, and
 * the id. Pure. The order of the list does not matter.
 * @returns null without a subscription to one of our plans
 */
export function findCurrent<T extends Candidate>(candidates: readonly T[]): T | null {
  const ours = candidates.filter(({ items }) => findPlanItem(items) !== undefined);
  return ours.toSorted(compareCandidates)[0] ?? null;
}

function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    statusRank(b.status) - statusRank(a.status) ||
    planRankOf(b) - planRankOf(a) ||
    b.createdAtMs - a.createdAtMs ||
    compareIds(a, b)
  );
}

function statusRank(status: string): number {
  if (renewingStatuses.has(status)) return 3;
  if (status === "past_due") return 2;
  return endedStatuses.has(status) ? 0 : 1;
}

function planRankOf({ items }: Candidate): number {
  return planRank(findPlanItem(items)?.lookupKey ?? null);
}

/**
 * Returns the item of a subscription that bills one of our plans, whatever other items are beside it. Pure.
 * Of several, the highest plan counts, then the id.
 */
export function findPlanItem<T extends CandidateItem>(items: readonly T[]): T | undefined {
  return items
    .filter(({ lookupKey }) => findOffer(lookupKey) !== undefined)
    .toSorted((a, b) => planRank(b.lookupKey) - planRank(a.lookupKey) || compareIds(a, b))[0];
}

/**
 * Returns the plan's item; without one, the first other item by id that does not bill overage, for display.
 * Pure.
 */
export function findMainItem<T extends CandidateItem>(items: readonly T[]): T | undefined {
  const others = items.filter(({ lookupKey }) => !isOverageKey(lookupKey));
  return findPlanItem(items) ?? others.toSorted(compareIds)[0];
}

/** Returns which of a customer's subscriptions at Stripe counts; see `findCurrent`. */
export function findCurrentAtStripe(subscriptions: readonly StripeSubscription[]): StripeSubscription | null {
  const candidates = subscriptions.map((subscription) => ({
    subscription,
    id: subscription.id,
    status: subscription.status,
    createdAtMs: subscription.createdAt.getTime(),
    items: subscription.items.map(({ id, price }) => ({ id, lookupKey: price.lookupKey })),
  }));
  return findCurrent(candidates)?.subscription ?? null;
}

function compareIds(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
