import type Stripe from "stripe";
import { assertAdvanceAllowed } from "#sandbox/stripe/clocks/clock-limits.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { paramsOf, required, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, create, emit } from "#sandbox/stripe/state/emit.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { cancelNow } from "#sandbox/stripe/subscriptions/cancel.ts";
import { isRunning } from "#sandbox/stripe/subscriptions/subscription-object.ts";

const createParams = paramsOf<Stripe.TestHelpers.TestClockCreateParams>()({
  customer: text(),
  frozen_time: required(whole()),
  name: text(),
});
const advanceParams = paramsOf<Stripe.TestHelpers.TestClockAdvanceParams>()({
  frozen_time: required(whole()),
});
const path = "/v1/test_helpers/test_clocks";

export const testClockRoutes: Route[] = [
  route("POST", path, createParams, ({ world, params }) => {
    const clock: Stripe.TestHelpers.TestClock = {
      id: newStripeId("clock"),
      object: "test_helpers.test_clock",
      created: world.now(),
      deletes_after: world.now() + 30 * 86_400,
      frozen_time: params.frozen_time,
      livemode: false,
      name: params.name ?? null,
      status: "ready",
      status_details: {},
    };
    create(world, world.tables.testClocks, clock, "test_helpers.test_clock.created");
    if (params.customer !== undefined) bindCustomer(world, params.customer, clock);
    return clock;
  }),
  route("GET", `${path}/:id`, paramsOf<object>()({}), ({ world, id }) => findTestClock(world, id)),
  route("POST", `${path}/:id/advance`, advanceParams, ({ world, id, params }) => {
    const clock = findTestClock(world, id);
    if (params.frozen_time < clock.frozen_time) {
      throw invalid("You can only advance the clock forward.", "frozen_time");
    }
    if (clock.status !== "ready") throw invalid("The test clock is already advancing.");
    assertAdvanceAllowed(world, clock, params.frozen_time);
    const advancing = {
      status: "advancing",
      status_details: { advancing: { target_frozen_time: params.frozen_time } },
    };
    const answer = amend(world, world.tables.testClocks, id, advancing, "test_helpers.test_clock.advancing");
    world.advanceTestClock(id, params.frozen_time);
    const ready = { status: "ready", status_details: {} };
    amend(world, world.tables.testClocks, id, ready, "test_helpers.test_clock.ready");
    // Stripe responds with `advancing` before the work is done. Here it is done, and the next retrieve
    // returns `ready`.
    return answer;
  }),
  route("DELETE", `${path}/:id`, paramsOf<object>()({}), ({ world, id }) => {
    const clock = findTestClock(world, id);
    for (const subscription of world.tables.subscriptions.filter((row) => row.test_clock === id)) {
      if (isRunning(subscription)) cancelNow(world, subscription.id, "cancellation_requested");
    }
    for (const customer of world.tables.customers.filter((row) => row.test_clock === id)) {
      emit(world, "customer.deleted", customer);
      world.tables.customers.delete(customer.id);
      world.tables.tombstones.put({ id: customer.id, object: "customer", deleted: true });
    }
    emit(world, "test_helpers.test_clock.deleted", clock);
    world.tables.testClocks.delete(id);
    return world.tables.tombstones.put({ id, object: "test_helpers.test_clock", deleted: true });
  }),
  listRoute(path, paramsOf<object>()({}), ({ world }) => world.tables.testClocks.all()),
];

/** Binds a customer to the clock. Throws when they have a clock or a subscription already. */
function bindCustomer(world: World, id: string, clock: Stripe.TestHelpers.TestClock): void {
  const customer = findCustomer(world, id, "customer");
  const hasNoClock = customer.test_clock === null || customer.test_clock === undefined;
  if (!hasNoClock || world.tables.subscriptions.filter((row) => row.customer === id).length > 0) {
    throw invalid(
      "Only a customer without a test clock and without subscriptions can be attached.",
      "customer",
    );
  }
  amend(world, world.tables.customers, id, { test_clock: clock.id }, "customer.updated");
}

function findTestClock(world: World, id: string): Stripe.TestHelpers.TestClock {
  const clock = world.tables.testClocks.get(id);
  if (!clock) throw missing("test_helpers.test_clock", id);
  return clock;
}
