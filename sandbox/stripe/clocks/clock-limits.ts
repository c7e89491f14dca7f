import type Stripe from "stripe";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { addMonths, intervalsAfter } from "#sandbox/stripe/subscriptions/periods.ts";
import { intervalOf, isRunning } from "#sandbox/stripe/subscriptions/subscription-object.ts";

const maxCustomers = 3;
const maxSubscriptions = 3;

/** Throws when the advance exceeds two intervals of the shortest subscription, or two years without one. */
export function assertAdvanceAllowed(
  world: World,
  clock: Stripe.TestHelpers.TestClock,
  target: number,
): void {
  const running = world.tables.subscriptions.filter((row) => row.test_clock === clock.id && isRunning(row));
  const scheduled = world.tables.subscriptionSchedules.filter(
    (row) => row.test_clock === clock.id && row.status === "not_started",
  );
  const intervals = running.map(intervalOf);
  if (scheduled.length > 0 && intervals.length === 0) return;
  const latestTarget = Math.min(
    ...intervals.map((every) => intervalsAfter(clock.frozen_time, every, 2)),
    ...(intervals.length === 0 ? [addMonths(clock.frozen_time, 24)] : []),
  );
  if (target <= latestTarget) return;
  throw invalid(
    intervals.length === 0
      ? "You cannot advance a test clock more than two years from its current frozen time when it has no subscriptions."
      : "You cannot advance a test clock more than two intervals of its shortest subscription from its current frozen time.",
    "frozen_time",
  );
}

/** Throws when a test clock already has the maximum number of customers. */
export function assertClockCustomerLimit(world: World, clock: string): void {
  if (world.tables.customers.filter((row) => row.test_clock === clock).length < maxCustomers) return;
  throw invalid(`A test clock can have at most ${maxCustomers} customers.`, "test_clock");
}

/** Throws when a customer on a test clock already has the maximum number of subscriptions. */
export function assertClockSubscriptionLimit(world: World, customer: Stripe.Customer): void {
  if (!customer.test_clock) return;
  const existing = world.tables.subscriptions.filter((row) => row.customer === customer.id && isRunning(row));
  if (existing.length < maxSubscriptions) return;
  throw invalid(`A customer on a test clock can have at most ${maxSubscriptions} subscriptions.`, "customer");
}
