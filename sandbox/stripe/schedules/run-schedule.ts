import type Stripe from "stripe";
import { enterPhase } from "#sandbox/stripe/schedules/enter-phase.ts";
import { discountRequestsOf } from "#sandbox/stripe/schedules/phase-discounts.ts";
import { trialEndOf } from "#sandbox/stripe/schedules/phases.ts";
import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { createSubscription } from "#sandbox/stripe/subscriptions/create-subscription.ts";

type Schedule = Stripe.SubscriptionSchedule;
type Due = { at: number; clock: string | null; run: () => void };

const noticeSeconds = 7 * 86_400;

/** When a schedule starts its subscription; null if it has started. */
export function scheduleStart(world: World, schedule: Schedule): Due | null {
  const first = schedule.phases[0];
  if (schedule.status !== "not_started" || !first) return null;
  return {
    at: first.start_date,
    clock: idOrNull(schedule.test_clock),
    run: () => beginSchedule(world, schedule.id),
  };
}

/** The next scheduled work of a running schedule: the expiring notice or the next phase. */
export function scheduleMoments(
  world: World,
  subscription: Stripe.Subscription,
): { at: number | null; run: () => void }[] {
  const schedule = world.tables.subscriptionSchedules.get(idOrNull(subscription.schedule) ?? "");
  if (schedule?.status !== "active" || !schedule.current_phase) return [];
  const last = schedule.phases.at(-1)?.end_date ?? schedule.current_phase.end_date;
  const mark = `expiring:${schedule.id}:${last}`;
  const isSent = world.tables.marks.get(mark) !== undefined;
  const notice = () => {
    world.tables.marks.put({ id: mark });
    emit(world, "subscription_schedule.expiring", schedule);
  };
  return [
    { at: isSent ? null : last - noticeSeconds, run: notice },
    { at: schedule.current_phase.end_date, run: () => endPhase(world, schedule.id) },
  ];
}

/** Starts the first phase and creates the subscription. */
export function beginSchedule(world: World, id: string): void {
  const { subscriptionSchedules } = world.tables;
  const schedule = subscriptionSchedules.get(id);
  const first = schedule?.phases[0];
  if (!schedule || !first) return;
  const settings = schedule.default_settings;
  const method = first.collection_method ?? settings.collection_method;
  const days = first.invoice_settings?.days_until_due ?? settings.invoice_settings.days_until_due;
  const subscription = createSubscription(
    world,
    {
      customer: idOf(schedule.customer),
      items: first.items.map((item) => ({
        price: idOf(item.price),
        quantity: item.quantity ?? null,
        metadata: item.metadata ?? {},
      })),
      metadata: first.metadata ?? {},
      discounts: discountRequestsOf(world, first),
      areDiscountsValidated: true,
      description: first.description ?? settings.description,
      defaultPaymentMethod: idOrNull(first.default_payment_method ?? settings.default_payment_method),
      trialEnd: trialEndOf(first),
      missingPaymentMethod: "create_invoice",
      cancelAtPeriodEnd: false,
      cancelAt: endingOf(schedule),
      daysUntilDue: method === "send_invoice" ? days : null,
      isActiveAtOnce: true,
    },
    {
      schedule: id,
      oneTimeItems: first.add_invoice_items.map((item) => ({
        price: idOf(item.price),
        quantity: item.quantity ?? 1,
        wasBoughtBefore: true,
      })),
    },
  );
  const patch = {
    status: "active",
    subscription: subscription.id,
    current_phase: { start_date: first.start_date, end_date: first.end_date },
  };
  amend(world, subscriptionSchedules, id, patch, "subscription_schedule.updated");
}

/** When the schedule ends its subscription; null if it releases it. */
export function endingOf(schedule: Schedule): number | null {
  return schedule.end_behavior === "cancel" ? (schedule.phases.at(-1)?.end_date ?? null) : null;
}

/** Releases the subscription from its schedule, by request or after the last phase. */
export function releaseSchedule(
  world: World,
  id: string,
  how: { isOver?: boolean; preservesEnding?: boolean } = {},
): Schedule {
  const { subscriptions, subscriptionSchedules } = world.tables;
  const schedule = subscriptionSchedules.get(id);
  if (!schedule) throw new Error(`no schedule ${id} to release`);
  const at = nowFor(world, idOf(schedule.customer));
  const subscription = subscriptions.get(idOrNull(schedule.subscription) ?? "");
  const freed = { current_phase: null, released_subscription: subscription?.id ?? null, subscription: null };
  const patch = how.isOver
    ? { ...freed, status: "completed", completed_at: at }
    : { ...freed, status: "released", released_at: at };
  const type = how.isOver ? "subscription_schedule.completed" : "subscription_schedule.released";
  const released = amend(world, subscriptionSchedules, id, patch, type);
  if (subscription) {
    const endsWithPlan = endingOf(schedule) !== null && !how.preservesEnding;
    const alone = { schedule: null, ...(endsWithPlan ? { cancel_at: null, canceled_at: null } : {}) };
    amend(world, subscriptions, subscription.id, alone, "customer.subscription.updated");
  }
  return released;
}

function endPhase(world: World, id: string): void {
  const schedule = world.tables.subscriptionSchedules.get(id);
  const present = schedule?.current_phase;
  if (!schedule || !present) return;
  const next = schedule.phases.find((phase) => phase.start_date === present.end_date);
  if (!next) {
    releaseSchedule(world, id, { isOver: true });
    return;
  }
  const patch = { current_phase: { start_date: next.start_date, end_date: next.end_date } };
  amend(world, world.tables.subscriptionSchedules, id, patch, "subscription_schedule.updated");
  enterPhase(world, schedule, next);
}
