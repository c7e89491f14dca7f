import { afterEach, beforeEach, expect, test } from "vitest";
import { readBilling } from "#lib/billing/reports/billing-overview.ts";
import { cancelAtPeriodEnd, resumeSubscription } from "#lib/billing/cancel.ts";
import { changePlan, keepPlan, previewChange } from "#lib/billing/change-plan.ts";
import { putAside } from "#lib/billing/settle-store.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import { listSubscriptions } from "#lib/gateways/stripe/stripe.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  subscribe,
} from "#tests/integration/billing/billing-world.ts";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

// A smaller plan that is in store for the period's end, and a change to more that comes in between.

let world: BillingWorld;
beforeEach(async () => {
  world = await createBillingWorld();
});
afterEach(() => world.close());

const overview = ({ workspaceId }: Customer) =>
  readBilling(world.db, { workspaceId, workspaceCreatedAt: now() }, now());

async function change(customer: Customer, lookupKey: string) {
  const preview = await previewChange(customer, lookupKey, now());
  if (preview === null) throw new Error("That plan runs already.");
  return changePlan(customer, { ...preview, lookupKey }, now());
}

async function waitForBank() {
  const ada = await addCustomer(world);
  const customer = await subscribe(world, ada, "enterprise_month");
  await change(ada, "pro_month");
  const inStore = await overview(ada);
  await changeCard(world.stripe, customer, "pm_card_authenticationRequired");
  expect(await change(ada, "enterprise_year")).toMatchObject({ state: "confirm" });
  expect((await overview(ada)).pendingChange).not.toBeNull();
  return { ada, customer, inStore };
}

test("it is in store again when a change to more waited for the bank, and lapsed", async () => {
  const { ada, customer, inStore } = await waitForBank();
  await world.travel(new Date(now().getTime() + 86_400_000).toISOString());
  await syncCustomer(customer);
  const after = await overview(ada);
  expect(after.pendingChange).toBeNull();
  expect(after.nextPayment).toEqual(inStore.nextPayment);
  expect(after.scheduledChange).toEqual(inStore.scheduledChange);
});

test("it is gone when the present plan is kept while the bank is waited for, said once or again", async () => {
  for (const times of [1, 2]) {
    const { ada, customer } = await waitForBank();
    for (let count = 0; count < times; count++) await keepPlan(ada, now());
    await syncCustomer(customer);
    const after = await overview(ada);
    expect(after).toMatchObject({ pendingChange: null, scheduledChange: null });
    expect(after.nextPayment?.micros).toBe(99_000_000);
  }
});

test("it is in store again when the process ended after it was put aside, and the next sync says so", async () => {
  const ada = await addCustomer(world);
  const customer = await subscribe(world, ada, "enterprise_month");
  await change(ada, "pro_month");
  const inStore = await overview(ada);
  const [subscription] = await listSubscriptions(customer);
  if (subscription === undefined) throw new Error("There is no subscription.");
  await putAside(subscription);
  for (const _ of [1, 2]) await syncCustomer(customer);
  expect((await overview(ada)).scheduledChange).toEqual(inStore.scheduledChange);
});

test("it is in store again when the plan was canceled and is kept after all, and forgotten when the plan ends", async () => {
  const ada = await addCustomer(world);
  const customer = await subscribe(world, ada, "enterprise_month");
  await change(ada, "pro_month");
  const inStore = await overview(ada);
  await cancelAtPeriodEnd(ada, now());
  await syncCustomer(customer);
  expect(await overview(ada)).toMatchObject({ scheduledChange: null, nextPayment: null });
  await resumeSubscription(ada, now());
  const { scheduledChange, nextPayment } = await overview(ada);
  expect({ scheduledChange, nextPayment }).toEqual({
    scheduledChange: inStore.scheduledChange,
    nextPayment: inStore.nextPayment,
  });
  await cancelAtPeriodEnd(ada, now());
  await world.travel(new Date((inStore.nextPayment?.at.getTime() ?? 0) + 3_600_000).toISOString());
  for (const _ of [1, 2]) await syncCustomer(customer);
  const [ended] = (await world.stripe.subscriptions.list({ customer, status: "all" })).data;
  expect([ended?.status, ended?.metadata.in_store]).toEqual(["canceled", undefined]);
});

test("it is forgotten once a change to more was paid", async () => {
  const ada = await addCustomer(world);
  const customer = await subscribe(world, ada, "enterprise_month");
  await change(ada, "pro_month");
  await change(ada, "enterprise_year");
  await syncCustomer(customer);
  expect(await overview(ada)).toMatchObject({
    scheduledChange: null,
    nextPayment: { micros: 990_000_000 },
  });
  expect((await world.stripe.subscriptions.list({ customer })).data[0]?.metadata.in_store).toBeUndefined();
});
