import type Stripe from "stripe";
import { assertSingleCurrency } from "#sandbox/stripe/customers/assert-single-currency.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { flag, inRange, paramsOf, range, text } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { phaseOfSubscription, readPhases } from "#sandbox/stripe/schedules/phases.ts";
import { beginSchedule, endingOf, releaseSchedule } from "#sandbox/stripe/schedules/run-schedule.ts";
import { buildSchedule } from "#sandbox/stripe/schedules/schedule-object.ts";
import { createParams, updateParams } from "#sandbox/stripe/schedules/schedule-params.ts";
import { updateSchedule } from "#sandbox/stripe/schedules/update-schedule.ts";
import { amend, create, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { cancelNow } from "#sandbox/stripe/subscriptions/cancel.ts";
import { findSubscription } from "#sandbox/stripe/subscriptions/find-subscription.ts";
import { isRunning } from "#sandbox/stripe/subscriptions/subscription-object.ts";

type Schedule = Stripe.SubscriptionSchedule;
const path = "/v1/subscription_schedules";
const cancelParams = paramsOf<Stripe.SubscriptionScheduleCancelParams>()({
  invoice_now: flag(),
  prorate: flag(),
});
const releaseParams = paramsOf<Stripe.SubscriptionScheduleReleaseParams>()({ preserve_cancel_date: flag() });
const listParams = paramsOf<Stripe.SubscriptionScheduleListParams>()({
  canceled_at: range(),
  completed_at: range(),
  created: range(),
  customer: text(),
  released_at: range(),
  scheduled: flag(),
});

export const scheduleRoutes: Route[] = [
  route("POST", path, createParams, ({ world, params }) =>
    params.from_subscription === undefined ? createSchedule(world, params) : adopt(world, params),
  ),
  route("GET", `${path}/:id`, paramsOf<object>()({}), ({ world, id }) => findSchedule(world, id)),
  route("POST", `${path}/:id`, updateParams, ({ world, id, params }) =>
    updateSchedule(world, findLiveSchedule(world, id, "update"), params),
  ),
  route("POST", `${path}/:id/cancel`, cancelParams, ({ world, id, params }) =>
    cancelSchedule(world, findLiveSchedule(world, id, "cancel"), params),
  ),
  route("POST", `${path}/:id/release`, releaseParams, ({ world, id, params }) => {
    findLiveSchedule(world, id, "release");
    return releaseSchedule(world, id, { preservesEnding: params.preserve_cancel_date ?? false });
  }),
  listRoute(path, listParams, ({ world, params }) =>
    world.tables.subscriptionSchedules.filter(
      (schedule) =>
        (params.customer === undefined || schedule.customer === params.customer) &&
        (params.scheduled !== true || schedule.status === "not_started") &&
        inRange(schedule.created, params.created) &&
        inRange(schedule.canceled_at ?? 0, params.canceled_at) &&
        inRange(schedule.completed_at ?? 0, params.completed_at) &&
        inRange(schedule.released_at ?? 0, params.released_at),
    ),
  ),
];

function findSchedule(world: World, id: string): Schedule {
  const schedule = world.tables.subscriptionSchedules.get(id);
  if (!schedule) throw missing("subscription schedule", id);
  return schedule;
}

function findLiveSchedule(world: World, id: string, verb: string): Schedule {
  const schedule = findSchedule(world, id);
  if (schedule.status === "active" || schedule.status === "not_started") return schedule;
  throw invalid(
    `You cannot ${verb} a subscription schedule that is currently in the \`${schedule.status}\` status. It must be in \`not_started\` or \`active\` status.`,
  );
}

function createSchedule(world: World, params: ReturnType<typeof createParams>): Schedule {
  if (params.customer === undefined) {
    throw invalid("Missing required param: customer.", "customer", "parameter_missing");
  }
  if (!params.phases?.length || params.start_date === undefined) {
    const name = params.phases?.length ? "start_date" : "phases";
    throw invalid(`Missing required param: ${name}.`, name, "parameter_missing");
  }
  const customer = findCustomer(world, params.customer, "customer");
  const now = nowFor(world, customer.id);
  const start = params.start_date === "now" ? now : params.start_date;
  if (start < now) throw invalid("`start_date` must not be in the past.", "start_date");
  const phases = readPhases(world, params.phases, { customer: customer.id, start, now });
  assertSingleCurrency(world, customer.id, phases[0]?.currency ?? "");
  const schedule = buildSchedule(world, {
    customer: customer.id,
    endBehavior: params.end_behavior ?? "release",
    metadata: mergeMetadata({}, params.metadata),
    phases,
    settings: params.default_settings,
  });
  create(world, world.tables.subscriptionSchedules, schedule, "subscription_schedule.created");
  if (start === now) beginSchedule(world, schedule.id);
  return findSchedule(world, schedule.id);
}

/** Creates a schedule from a running subscription (`from_subscription`). */
function adopt(world: World, params: ReturnType<typeof createParams>): Schedule {
  const { from_subscription: from, metadata: _, ...others } = params;
  const given = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
  if (given !== undefined)
    throw invalid(`You cannot set \`${given}\` if \`from_subscription\` is set.`, given);
  const subscription = findSubscription(world, from ?? "", "from_subscription");
  return adoptSubscription(world, subscription, mergeMetadata({}, params.metadata));
}

/** Creates a schedule for a running subscription; its first phase is the current period. */
export function adoptSubscription(
  world: World,
  subscription: Stripe.Subscription,
  metadata: Record<string, string> = {},
): Schedule {
  if (subscription.schedule !== null) {
    throw invalid(
      `You cannot migrate a subscription that is already attached to a schedule: \`${idOf(subscription.schedule)}\`.`,
      "from_subscription",
    );
  }
  if (!isRunning(subscription) || subscription.status === "incomplete" || subscription.status === "paused") {
    throw invalid(`You cannot schedule a subscription that is ${subscription.status}.`, "from_subscription");
  }
  const phase = phaseOfSubscription(subscription);
  const blank = buildSchedule(world, {
    customer: idOf(subscription.customer),
    endBehavior: subscription.cancel_at === null ? "release" : "cancel",
    metadata,
    phases: [{ ...phase, end_date: subscription.cancel_at ?? phase.end_date }],
    settings: undefined,
  });
  const schedule: Schedule = {
    ...blank,
    current_phase: { start_date: phase.start_date, end_date: subscription.cancel_at ?? phase.end_date },
    default_settings: {
      ...blank.default_settings,
      collection_method: subscription.collection_method,
      default_payment_method: idOrNull(subscription.default_payment_method),
      description: subscription.description,
    },
    status: "active",
    subscription: subscription.id,
  };
  create(world, world.tables.subscriptionSchedules, schedule, "subscription_schedule.created");
  const patch = { schedule: schedule.id, cancel_at: endingOf(schedule), cancel_at_period_end: false };
  amend(world, world.tables.subscriptions, subscription.id, patch, "customer.subscription.updated");
  return schedule;
}

/** Cancels the schedule and its subscription immediately. */
function cancelSchedule(world: World, schedule: Schedule, params: ReturnType<typeof cancelParams>): Schedule {
  const subscription = world.tables.subscriptions.get(idOrNull(schedule.subscription) ?? "");
  if (subscription && isRunning(subscription)) {
    cancelNow(world, subscription.id, "cancellation_requested", {
      invoicesNow: params.invoice_now ?? true,
      prorates: params.prorate ?? true,
    });
    return findSchedule(world, schedule.id);
  }
  const at = nowFor(world, idOf(schedule.customer));
  const patch = { status: "canceled", canceled_at: at, current_phase: null };
  return amend(
    world,
    world.tables.subscriptionSchedules,
    schedule.id,
    patch,
    "subscription_schedule.canceled",
  );
}
