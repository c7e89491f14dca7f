import { findOffer, type Plan, type PlanId, plans } from "#lib/billing/catalog/plans.ts";
import type { SubscriptionState } from "#lib/billing/entitlements/subscription-state.ts";
import { monthOf } from "#lib/core/clock.ts";
import { usd } from "#lib/core/money.ts";
import type { GrantInput } from "#lib/usage/grants.ts";
import type { Gate } from "#lib/usage/price-list.ts";

/** What a workspace's plan allows at one moment, and the reason. */
export type Entitlements = {
  plan: PlanId;
  source: "free" | "subscription" | "trial" | "grace";
  /** When it ends according to the known state; null when it continues. */
  endsAt: Date | null;
  requestsPerMinute: number;
  gates: Gate[];
};

/** How long a plan stays after a renewal's first failed payment (M13). */
export const graceMs = 3 * 86_400_000;

type Access = { source: "subscription" | "trial" | "grace"; endsAt: Date | null };

/**
 * Returns what a subscription entitles to at a moment. Pure; the result is never stored.
 * @param subscription the current subscription as last synced; null for a workspace without one
 */
export function entitlementsOf(subscription: SubscriptionState | null, at: Date): Entitlements {
  const plan = findOffer(subscription?.lookupKey ?? null)?.plan;
  const access = subscription === null ? null : accessAt(subscription, at);
  if (plan === undefined || access === null) return { ...rightsOf(plans.free), source: "free", endsAt: null };
  return { ...rightsOf(plan), ...access };
}

function rightsOf({ id, requestsPerMinute, gates }: Plan) {
  return { plan: id, requestsPerMinute, gates };
}

/** Returns the subscription's access at a moment; null when it gives none. */
function accessAt(subscription: SubscriptionState, at: Date): Access | null {
  const atMs = at.getTime();
  const cancelMs = cancellationMsOf(subscription);
  if (cancelMs !== null && atMs >= cancelMs) return null;
  switch (subscription.status) {
    case "active":
      return { source: "subscription", endsAt: dateOf(cancelMs) };
    case "trialing": {
      const trialMs = subscription.trialEndsAtMs;
      // The event about a trial's end may be late, so the trial continues, but no longer than the grace
      // period.
      if (trialMs !== null && atMs >= trialMs + graceMs) return null;
      return { source: "trial", endsAt: dateOf(earliest(cancelMs, trialMs)) };
    }
    case "past_due": {
      const sinceMs = subscription.pastDueSinceMs ?? subscription.periodStartMs;
      const graceEndsMs = sinceMs === null ? null : sinceMs + graceMs;
      if (graceEndsMs === null || atMs >= graceEndsMs) return null;
      return { source: "grace", endsAt: dateOf(earliest(cancelMs, graceEndsMs)) };
    }
    // incomplete, incomplete_expired, unpaid, paused, canceled, and unknown statuses.
    default:
      return null;
  }
}

/**
 * Returns when a subscription's cancellation takes effect, in milliseconds since 1970; null without a
 * cancellation. Stripe sets either a date (its portal does) or "at the period's end".
 */
export function cancellationMsOf(
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

/** What the free credit of a workspace depends on, besides its months. */
export type FreeCreditTerms = {
  /** When the workspace was created; its months are anchored to this day. */
  workspaceCreatedAt: Date;
  emailConfirmed: boolean;
  /** No free credit before; null without such a limit. */
  freeCreditFrom: Date | null;
};

/** What an account may spend before its email is confirmed: enough for the first chats. */
const starterMicros = usd(0.05);
const starterSourceKey = "free:starter";

/**
 * Returns the free credit that is due: the month's allowance, or once a small starter before the email is
 * confirmed, which is a part of that month's allowance (S5). Null while the month's credit was spent by a
 * deleted account of the same mailbox.
 */
export function freeCreditDue(terms: FreeCreditTerms, at: Date): GrantInput | null {
  if (terms.freeCreditFrom !== null && at < terms.freeCreditFrom) return null;
  const allowance = freeAllowance(terms.workspaceCreatedAt, at);
  if (terms.emailConfirmed) return { ...allowance, lessSourceKey: starterSourceKey };
  return { ...allowance, amountMicros: starterMicros, sourceKey: starterSourceKey };
}

/**
 * Returns Free's allowance for the month that contains `at` (M9). The source key names the month, so it is
 * granted at most once per month. Grant it only to a workspace whose plan is Free.
 * @param workspaceCreatedAt the day to which the months are anchored
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
