import type { UpgradeReason } from "#app/(workspace)/chat/_composer/_upgrade/upgrade-context.ts";
import { type Offer, offers, type PlanId, planList } from "#lib/billing/catalog/plans.ts";

/**
 * Returns what can be bought for a reason: the plans above the current one, from the lowest that opens the
 * model. The first is the one that is suggested.
 */
export function offersFor(reason: UpgradeReason, current: PlanId): Offer[] {
  const currentRank = planList.findIndex(({ id }) => id === current);
  const lowestRank =
    reason.kind === "model" ? planList.findIndex(({ name }) => name === reason.model.planName) : 0;
  return offers.filter(({ plan }) => {
    const rank = planList.indexOf(plan);
    return rank > currentRank && rank >= lowestRank;
  });
}
