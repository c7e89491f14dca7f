import type Stripe from "stripe";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { addMonths, intervalsAfter } from "#sandbox/stripe/subscriptions/periods.ts";
import { intervalOf, isRunning } from "#sandbox/stripe/subscriptions/subscription-object.ts";

const mostCustomers = 3;
const mostSubscriptions = 3;

/** Throws for a jump of more than two intervals of the shortest subscription, or two years where there is none. */
export function assertWithinReach(world: World, clock: Stripe.TestHelpers.TestClock, target: number): void {
  const running = world.tables.subscriptions.filter((row) => row.test_clock === clock.id && isRunning(row));
  const planned = world.tables.subscriptionSchedules.filter(
    (row) => row.test_clock === clock.id && row.status === "not_started",
  );
  const intervals = running.map(intervalOf);
  if (planned.length > 0 && intervals.length === 0) return;
  const reach = Math.min(
    ...intervals.map((every) => intervalsAfter(clock.frozen_time, every, 2)),
    ...(intervals.length === 0 ? [addMonths(clock.frozen_time, 24)] : []),
  );
  if (target <= reach) return;
  throw invalid(
    intervals.length === 0
      ? "You cannot advance a test clock more than two years from its current frozen time when it has no subscriptions."
      : "You cannot advance a test clock more than two intervals of its shortest subscription from its current frozen time.",
    "frozen_time",
  );
}

/** Throws when a clock holds as many customers as it may. */
export function assertRoomForCustomer(world: World, clock: string): void {
  if (world.tables.customers.filter((row) => row.test_clock === clock).length < mostCustomers) return;
  throw invalid(`A test clock can have at most ${mostCustomers} customers.`, "test_clock");
}

/** Throws when a customer on a test clock has as many subscriptions as they may. */
export function assertRoomForSubscription(world: World, customer: Stripe.Customer): void {
  if (!customer.test_clock) return;
  const theirs = world.tables.subscriptions.filter((row) => row.customer === customer.id && isRunning(row));
  if (theirs.length < mostSubscriptions) return;
  throw invalid(
    `A customer on a test clock can have at most ${mostSubscriptions} subscriptions.`,
    "customer",
  );
}
