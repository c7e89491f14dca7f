import { itemsOfSubscription } from "#sandbox/stripe/schedules/phases.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Copies manually changed items of a subscription to its current phase; later phases stay unchanged. */
export function mirrorItems(world: World, subscriptionId: string): void {
  const { subscriptions, subscriptionSchedules } = world.tables;
  const subscription = subscriptions.get(subscriptionId);
  const schedule = subscriptionSchedules.get(idOrNull(subscription?.schedule) ?? "");
  if (!subscription || schedule?.status !== "active") return;
  const items = itemsOfSubscription(subscription);
  const phases = schedule.phases.map((phase) =>
    phase.start_date === schedule.current_phase?.start_date ? { ...phase, items } : phase,
  );
  amend(world, subscriptionSchedules, schedule.id, { phases }, "subscription_schedule.updated");
}
