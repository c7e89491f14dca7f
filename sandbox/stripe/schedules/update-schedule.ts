import type Stripe from "stripe";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { enterPhase } from "#sandbox/stripe/schedules/enter-phase.ts";
import { readPhases } from "#sandbox/stripe/schedules/phases.ts";
import { endingOf } from "#sandbox/stripe/schedules/run-schedule.ts";
import { readSettings } from "#sandbox/stripe/schedules/schedule-object.ts";
import type { PhaseParams, updateParams } from "#sandbox/stripe/schedules/schedule-params.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Schedule = Stripe.SubscriptionSchedule;
type Phase = Stripe.SubscriptionSchedule.Phase;
type UpdateParams = ReturnType<typeof updateParams>;

/**
 * Replaces the current and future phases; past phases stay unchanged. If the current phase bills differently,
 * the subscription changes immediately.
 */
export function updateSchedule(world: World, schedule: Schedule, params: UpdateParams): Schedule {
  const now = nowFor(world, idOf(schedule.customer));
  const phases = params.phases ? replacedPhases(world, schedule, params.phases, now) : schedule.phases;
  const current = phases.find((phase) => phase.start_date === schedule.current_phase?.start_date);
  const updated = amend(
    world,
    world.tables.subscriptionSchedules,
    schedule.id,
    {
      current_phase: current ? { start_date: current.start_date, end_date: current.end_date } : null,
      default_settings: readSettings(schedule.default_settings, params.default_settings),
      end_behavior: params.end_behavior ?? schedule.end_behavior,
      metadata: mergeMetadata(schedule.metadata ?? {}, params.metadata),
      phases,
    },
    "subscription_schedule.updated",
  );
  const subscription = idOrNull(schedule.subscription);
  if (subscription !== null) {
    const patch = { cancel_at: endingOf(updated) };
    amend(world, world.tables.subscriptions, subscription, patch, "customer.subscription.updated");
  }
  if (current && billsDifferently(schedule, current)) {
    enterPhase(world, updated, current, params.proration_behavior ?? current.proration_behavior);
  }
  return world.tables.subscriptionSchedules.get(schedule.id) ?? updated;
}

function replacedPhases(world: World, schedule: Schedule, wanted: PhaseParams[], now: number): Phase[] {
  const running = schedule.current_phase;
  const place = { customer: idOf(schedule.customer), now, boughtBefore: pricesIn(world, schedule) };
  if (!running) {
    const first = wanted[0]?.start_date ?? schedule.phases[0]?.start_date ?? now;
    return readPhases(world, wanted, { ...place, start: first === "now" ? now : first });
  }
  const over = schedule.phases.filter((phase) => phase.end_date <= running.start_date);
  // Past phases may be included in the request but cannot be changed.
  const open = wanted.filter((phase) => !over.some((past) => past.start_date === phase.start_date));
  if (open.length === 0) throw invalid("The current phase must be among `phases`.", "phases");
  const phases = readPhases(world, open, { ...place, start: running.start_date });
  if (phases[0] && phases[0].end_date < now) {
    throw invalid("The current phase cannot end in the past.", "phases[0][end_date]");
  }
  return [...over, ...phases];
}

/** The prices that a schedule and its subscription already bill. */
function pricesIn(world: World, schedule: Schedule): string[] {
  const subscription = world.tables.subscriptions.get(idOrNull(schedule.subscription) ?? "");
  return [
    ...schedule.phases.flatMap((phase) => phase.items.map((item) => idOf(item.price))),
    ...(subscription?.items.data ?? []).map((item) => item.price.id),
  ];
}

function billsDifferently(before: Schedule, current: Phase): boolean {
  const known = before.phases.find((phase) => phase.start_date === current.start_date);
  const shape = (phase: Phase | undefined) =>
    JSON.stringify([
      phase?.items.map((item) => [idOf(item.price), item.quantity]),
      phase?.trial,
      phase?.trial_end,
      phase?.discounts,
    ]);
  return shape(known) !== shape(current);
}
