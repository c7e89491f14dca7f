import type Stripe from "stripe";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Ends the schedule of an ended subscription: completed if planned, otherwise canceled or aborted. */
export function followCancellation(
  world: World,
  subscription: Stripe.Subscription,
  isDelinquent: boolean,
): void {
  const { subscriptionSchedules } = world.tables;
  const schedule = subscriptionSchedules.get(idOrNull(subscription.schedule) ?? "");
  if (schedule?.status !== "active") return;
  const at = subscription.ended_at ?? 0;
  const isOver = at >= (schedule.phases.at(-1)?.end_date ?? 0);
  if (isOver) {
    const patch = { status: "completed", completed_at: at, current_phase: null };
    amend(world, subscriptionSchedules, schedule.id, patch, "subscription_schedule.completed");
    return;
  }
  const patch = { status: "canceled", canceled_at: at, current_phase: null };
  const type = isDelinquent ? "subscription_schedule.aborted" : "subscription_schedule.canceled";
  amend(world, subscriptionSchedules, schedule.id, patch, type);
}
