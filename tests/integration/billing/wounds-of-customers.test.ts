import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { saveAddressee, saveTaxId } from "#lib/billing/billing-details.ts";
import { startCheckout, startTopUp } from "#lib/billing/checkout.ts";
import { now } from "#lib/core/clock.ts";
import { problemsOf } from "#lib/core/env.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  eventsOf,
  post,
  stripeCustomerOf,
  subscribe,
} from "#tests/integration/billing/billing-world.ts";

let world: BillingWorld;
beforeAll(async () => {
  world = await createBillingWorld();
});
afterAll(() => world.close());

/** The Stripe customers that say they are this workspace's. */
async function customersOf({ workspaceId }: Customer): Promise<string[]> {
  const found: string[] = [];
  for await (const { id, metadata } of world.stripe.customers.list({ limit: 100 }))
    if (metadata.workspace_id === workspaceId) found.push(id);
  return found;
}

describe("wound: duplicate customers", () => {
  test("a workspace has one customer, whatever is begun first and how often at the same moment", async () => {
    const customer = await addCustomer(world);
    const address = { line1: "1", line2: null, city: null, state: null, postalCode: null, country: "DE" };
    await Promise.all([
      ...[1, 2, 3].map(() => startCheckout(customer, "pro_month", now())),
      ...[1, 2, 3].map(() => startTopUp(customer, "top_up_20", now())),
      saveAddressee(customer, { name: "Ada", address }, now()),
      saveTaxId(customer, "us_ein", "12-3456789", now()),
    ]);
    expect(await customersOf(customer)).toHaveLength(1);
  });

  test("an answer of Stripe's that was lost while the customer was made makes no second one", async () => {
    const customer = await addCustomer(world);
    await world.control("chaos", { drop: true, failNextApi: "timeout_after_effect", failNextApiTimes: 3 });
    await expect(startCheckout(customer, "pro_month", now())).rejects.toMatchObject({
      code: "billing_unavailable",
    });
    await world.control("chaos", { drop: true });
    await startCheckout(customer, "pro_month", now());
    expect(await customersOf(customer)).toEqual([await stripeCustomerOf(world, customer)]);
  });
});

describe("wound: test ids in live mode", () => {
  test("an event of the other mode is acknowledged, so that it is not sent again, and leaves nothing behind", async () => {
    const customer = await addCustomer(world);
    const customerId = await subscribe(world, customer, "pro_month");
    const [event] = await eventsOf(world, customerId);
    const stranger = { ...event, id: "evt_of_the_other_mode", livemode: true };
    const answer = await post(world, stranger);
    expect(answer.status).toBe(200);
    expect(await world.sql`select id from stripe_events where id = ${stranger.id}`).toEqual([]);
    expect((await post(world, { ...stranger, livemode: false })).status).toBe(200);
    expect(await world.sql`select id from stripe_events where id = ${stranger.id}`).toHaveLength(1);
  });

  test("a customer of the other mode is unknown to Stripe, and another one is made when something is bought", async () => {
    const customer = await addCustomer(world);
    await world.sql`insert into billing_customers (workspace_id, stripe_customer_id, created_at)
      values (${customer.workspaceId}, ${`cus_test_${customer.workspaceId}`}, now())`;
    await startCheckout(customer, "pro_month", now());
    expect(await customersOf(customer)).toEqual([await stripeCustomerOf(world, customer)]);
  });

  test("keys of two modes do not start together", () => {
    const mixed = { ...testEnvironment, STRIPE_SECRET_KEY: "sk_test_1", STRIPE_PUBLISHABLE_KEY: "pk_live_1" };
    expect(problemsOf(mixed)).toEqual([
      "STRIPE_PUBLISHABLE_KEY and STRIPE_SECRET_KEY must both be live keys, or both be test keys.",
    ]);
    expect(problemsOf({ ...mixed, APP_ENV: "production" })).toContain(
      "STRIPE_SECRET_KEY is a test key: production needs a live one.",
    );
  });
});
