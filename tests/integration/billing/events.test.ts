import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { eventsThatTrigger } from "#lib/billing/sync/handled-events.ts";
import { processEvent, storeEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { toEvent } from "#lib/gateways/stripe/events/event.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  readSubscriptionState,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";

let testEnv: BillingTestEnv;
let customer: Customer;
let customerId: string;
let subscriptionId: string;
let chargeId: string;

beforeAll(async () => {
  testEnv = await startBillingTestEnv();
  customer = await addCustomer(testEnv);
  customerId = await subscribe(testEnv, customer, "pro_month");
  const subscriptions = await testEnv.stripe.subscriptions.list({ customer: customerId });
  subscriptionId = subscriptions.data[0]?.id ?? "";
  chargeId = (await testEnv.stripe.charges.list({ customer: customerId })).data[0]?.id ?? "";
});
afterAll(() => testEnv.close());

/** Stores and processes an event. @returns its state in the inbox */
async function storeAndProcess(type: string, object: object): Promise<string> {
  const id = `evt_${newId().replaceAll("-", "")}`;
  const created = Math.floor(Date.now() / 1_000);
  await storeEvent(
    toEvent({ id, type, livemode: false, created, data: { object } } as Parameters<typeof toEvent>[0]),
  );
  await processEvent(id);
  const [row] = await testEnv.sql`select state from stripe_events where id = ${id}`;
  return String(row?.state);
}

/** Changes the subscription at Stripe without an event. @returns the new value of `cancel_at_period_end` */
async function changeAtStripe(): Promise<boolean> {
  const [row] = await testEnv.sql`select cancel_at_period_end as ends from subscriptions`;
  const ends = row?.ends !== true;
  await testEnv.stripe.subscriptions.update(subscriptionId, { cancel_at_period_end: ends });
  return ends;
}

async function readCancelAtPeriodEnd(): Promise<unknown> {
  const [row] = await testEnv.sql`select cancel_at_period_end as ends from subscriptions`;
  return row?.ends;
}

describe("events of a customer", () => {
  test.each(eventsThatTrigger("sync"))("%s syncs the customer", async (type) => {
    const changed = await changeAtStripe();
    expect(await storeAndProcess(type, { id: "obj_1", customer: customerId })).toBe("done");
    expect(await readCancelAtPeriodEnd()).toBe(changed);
  });

  test.each(eventsThatTrigger("sync_by_charge"))("%s syncs the customer of the charge", async (type) => {
    const changed = await changeAtStripe();
    expect(await storeAndProcess(type, { id: "obj_1", charge: chargeId })).toBe("done");
    expect(await readCancelAtPeriodEnd()).toBe(changed);
  });
});

describe("events of the catalog", () => {
  test.each(eventsThatTrigger("store"))("%s is stored without a sync", async (type) => {
    await changeAtStripe();
    const before = await readCancelAtPeriodEnd();
    expect(await storeAndProcess(type, { id: "obj_1" })).toBe("done");
    expect(await readCancelAtPeriodEnd()).toBe(before);
  });
});

test("customer.deleted ends the plan", async () => {
  const other = await addCustomer(testEnv);
  const id = await subscribe(testEnv, other, "pro_month");
  const planOf = async () => entitlementsOf(await readSubscriptionState(testEnv, other), now()).plan;
  expect(await planOf()).toBe("pro");
  const deleted = await testEnv.stripe.customers.del(id);
  expect(await storeAndProcess("customer.deleted", deleted)).toBe("done");
  expect(await planOf()).toBe("free");
});
