import { findOffer, type Plan, type PlanId, plans } from "#lib/billing/plans.ts";
import type { SubscriptionState } from "#lib/billing/read.ts";
import { monthOf } from "#lib/core/clock.ts";
import type { GrantInput } from "#lib/usage/grants.ts";
import type { Gate } from "#lib/usage/price-list.ts";

/** What a workspace may do at one moment, and why. */
export type Entitlements = {
  plan: PlanId;
  source: "free" | "subscription" | "trial" | "grace";
  /** When this ends by what is known now; null when it goes on. */
  endsAt: Date | null;
  requestsPerMinute: number;
  gates: Gate[];
};

/** How long a plan stays after the first failed payment of a renewal (M13). */
export const graceMs = 3 * 86_400_000;

type Standing = { source: "subscription" | "trial" | "grace"; endsAt: Date | null };

/**
 * What a subscription entitles to at a moment. Pure: nothing of this is stored.
 * @param subscription as last fetched from Stripe; null for a workspace that has none
 */
export function entitlementsOf(subscription: SubscriptionState | null, at: Date): Entitlements {
  const plan = findOffer(subscription?.lookupKey ?? null)?.plan;
  const standing = subscription === null ? null : standingOf(subscription, at);
  if (plan === undefined || standing === null)
    return { ...grantedBy(plans.free), source: "free", endsAt: null };
  return { ...grantedBy(plan), ...standing };
}

function grantedBy({ id, requestsPerMinute, gates }: Plan) {
  return { plan: id, requestsPerMinute, gates };
}

/** Null when the subscription gives nothing at this moment. */
function standingOf(subscription: SubscriptionState, at: Date): Standing | null {
  const atMs = at.getTime();
  const cancelMs = endingOf(subscription);
  if (cancelMs !== null && atMs >= cancelMs) return null;
  switch (subscription.status) {
    case "active":
      return { source: "subscription", endsAt: dateOf(cancelMs) };
    case "trialing": {
      const trialMs = subscription.trialEndsAtMs;
      // Stripe tells of a trial's end by an event; while that is on its way the trial goes on, but not for ever.
      if (trialMs !== null && atMs >= trialMs + graceMs) return null;
      return { source: "trial", endsAt: dateOf(earliest(cancelMs, trialMs)) };
    }
    case "past_due": {
      const sinceMs = subscription.pastDueSinceMs ?? subscription.periodStartMs;
      const graceEndsMs = sinceMs === null ? null : sinceMs + graceMs;
      if (graceEndsMs === null || atMs >= graceEndsMs) return null;
      return { source: "grace", endsAt: dateOf(earliest(cancelMs, graceEndsMs)) };
    }
    // incomplete, incomplete_expired, unpaid, paused, canceled, and whatever Stripe invents.
    default:
      return null;
  }
}

/**
 * When a subscription is going to end, in milliseconds since 1970. Stripe says it in two ways: a date (what its portal
 * sets), or "at the period's end".
 */
export function endingOf(
  subscription: Pick<SubscriptionState, "cancelAtMs" | "cancelAtPeriodEnd" | "periodEndMs">,
): number | null {
  return subscription.cancelAtMs ?? (subscription.cancelAtPeriodEnd ? subscription.periodEndMs : null);
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

/**
 * Free's allowance for the month that holds `at` (M9). The source key names the month, so it is granted at most once
 * whatever plans come and go in between. Only a workspace whose entitlements are Free's is given it.
 * @param workspaceCreatedAt the months are anchored to this day
 */
export function freeAllowance(workspaceCreatedAt: Date, at: Date): GrantInput {
  const month = monthOf(workspaceCreatedAt, at);
  return {
    kind: "allowance",
    amountMicros: plans.free.allowanceMicros,
    startsAt: month.startsAt,
    expiresAt: month.endsAt,
    sourceKey: `free:${month.startsAt.toISOString()}`,
  };
}
