import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { processEvent, storeEvent } from "#lib/billing/inbox.ts";
import { sweepBilling } from "#lib/billing/reconcile/sweep.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import { eventOf } from "#lib/gateways/stripe/event.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  eventsOf,
  grantsOf,
  subscribe,
  subscriptionStateOf,
} from "#tests/integration/billing/billing-world.ts";

let world: BillingWorld;
beforeAll(async () => {
  world = await createBillingWorld();
});
afterAll(() => world.close());

const planOf = async (customer: Customer) =>
  entitlementsOf(await subscriptionStateOf(world, customer), now()).plan;

/** Somebody on Pro who went to Enterprise in Stripe's own portal. @returns the Stripe customer's id */
async function changeInPortal(customer: Customer): Promise<string> {
  const customerId = await subscribe(world, customer, "pro_month");
  const [subscription] = (await world.stripe.subscriptions.list({ customer: customerId })).data;
  const [price] = (await world.stripe.prices.list({ lookup_keys: ["enterprise_month"] })).data;
  if (subscription === undefined || price === undefined) throw new Error("There is nothing to change.");
  const product = typeof price.product === "string" ? price.product : price.product.id;
  const { id: configuration } = await world.stripe.billingPortal.configurations.create({
    features: {
      subscription_update: {
        enabled: true,
        default_allowed_updates: ["price"],
        proration_behavior: "always_invoice",
        products: [{ product, prices: [price.id] }],
      },
    },
  });
  const { url } = await world.stripe.billingPortal.sessions.create({ customer: customerId, configuration });
  const form = { action: "change", subscription: subscription.id, price: price.id };
  const answer = await fetch(url, { method: "POST", redirect: "manual", body: new URLSearchParams(form) });
  expect(answer.status, "the portal leads back").toBe(303);
  return customerId;
}

describe("wound: plan stale after a change in the portal", () => {
  test("one event of it brings the plan and the difference that was paid for", async () => {
    const ada = await addCustomer(world);
    const customerId = await changeInPortal(ada);
    expect(await planOf(ada)).toBe("pro");
    const updated = (await eventsOf(world, customerId)).filter(
      ({ type }) => type === "customer.subscription.updated",
    );
    const last = updated.at(-1);
    if (last === undefined) throw new Error("Stripe tells of no change.");
    await storeEvent(eventOf(last));
    await processEvent(last.id);
    expect(await planOf(ada)).toBe("enterprise");
    const given = (await grantsOf(world, ada)).reduce((sum, { amountMicros }) => sum + amountMicros, 0);
    await syncCustomer(customerId);
    const again = (await grantsOf(world, ada)).reduce((sum, { amountMicros }) => sum + amountMicros, 0);
    expect(given).toBeGreaterThan(99_000_000);
    expect(given).toBeLessThanOrEqual(100_000_000);
    expect(again).toBe(given);
  });

  test("without any event the sweep brings it", async () => {
    const ada = await addCustomer(world);
    const customerId = await changeInPortal(ada);
    await sweepBilling();
    const waiting = await world.sql`
      select data from pgboss.job where name in ('billing.reconcile', 'billing.sync') and state = 'created'`;
    expect(waiting.map(({ data }) => data.customerId)).toContain(customerId);
    await syncCustomer(customerId);
    expect(await planOf(ada)).toBe("enterprise");
  });
});
