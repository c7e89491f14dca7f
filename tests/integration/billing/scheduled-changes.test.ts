import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { cancelAtPeriodEnd, resumeSubscription } from "#lib/billing/actions/cancel.ts";
import { changePlan, keepPlan } from "#lib/billing/actions/change-plan.ts";
import { previewChange } from "#lib/billing/actions/preview-plan-change.ts";
import { readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { suspendScheduledChange } from "#lib/billing/sync/scheduled-changes.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import { listSubscriptions } from "#lib/gateways/stripe/subscriptions.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

// A downgrade is scheduled for the period's end, and an upgrade happens before it.

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(() => testEnv.reset());
afterAll(() => testEnv.close());

const overview = ({ workspaceId }: Customer) =>
  readBillingOverview(testEnv.db, { workspaceId, workspaceCreatedAt: now() }, now());

async function change(customer: Customer, lookupKey: string) {
  const preview = await previewChange(customer, lookupKey, now());
  if (preview === null) throw new Error("That plan runs already.");
  return changePlan(customer, { ...preview, lookupKey }, now());
}

async function waitForBank() {
  const ada = await addCustomer(testEnv);
  const customer = await subscribe(testEnv, ada, "enterprise_month");
  await change(ada, "pro_month");
  const before = await overview(ada);
  await changeCard(testEnv.stripe, customer, "pm_card_authenticationRequired");
  expect(await change(ada, "enterprise_year")).toMatchObject({ state: "confirm" });
  expect((await overview(ada)).pendingChange).not.toBeNull();
  return { ada, customer, before };
}

test("a scheduled change is restored when an upgrade that waited for the bank expires", async () => {
  const { ada, customer, before } = await waitForBank();
  await testEnv.travel(new Date(now().getTime() + 86_400_000).toISOString());
  await syncCustomer(customer);
  const after = await overview(ada);
  expect(after.pendingChange).toBeNull();
  expect(after.nextPayment).toEqual(before.nextPayment);
  expect(after.scheduledChange).toEqual(before.scheduledChange);
});

test("a scheduled change is removed when the current plan is kept while an upgrade waits for the bank", async () => {
  for (const times of [1, 2]) {
    const { ada, customer } = await waitForBank();
    for (let count = 0; count < times; count++) await keepPlan(ada, now());
    await syncCustomer(customer);
    const after = await overview(ada);
    expect(after).toMatchObject({ pendingChange: null, scheduledChange: null });
    expect(after.nextPayment?.micros).toBe(99_000_000);
  }
});

test("a suspended change is restored by the next sync after a crash", async () => {
  const ada = await addCustomer(testEnv);
  const customer = await subscribe(testEnv, ada, "enterprise_month");
  await change(ada, "pro_month");
  const before = await overview(ada);
  const [subscription] = await listSubscriptions(customer);
  if (subscription === undefined) throw new Error("There is no subscription.");
  await suspendScheduledChange(subscription);
  for (const _ of [1, 2]) await syncCustomer(customer);
  expect((await overview(ada)).scheduledChange).toEqual(before.scheduledChange);
});

test("a scheduled change is restored when a cancellation is undone and removed when the plan ends", async () => {
  const ada = await addCustomer(testEnv);
  const customer = await subscribe(testEnv, ada, "enterprise_month");
  await change(ada, "pro_month");
  const before = await overview(ada);
  await cancelAtPeriodEnd(ada, now());
  await syncCustomer(customer);
  expect(await overview(ada)).toMatchObject({ scheduledChange: null, nextPayment: null });
  await resumeSubscription(ada, now());
  const { scheduledChange, nextPayment } = await overview(ada);
  expect({ scheduledChange, nextPayment }).toEqual({
    scheduledChange: before.scheduledChange,
    nextPayment: before.nextPayment,
  });
  await cancelAtPeriodEnd(ada, now());
  await testEnv.travel(new Date((before.nextPayment?.at.getTime() ?? 0) + 3_600_000).toISOString());
  for (const _ of [1, 2]) await syncCustomer(customer);
  const [ended] = (await testEnv.stripe.subscriptions.list({ customer, status: "all" })).data;
  expect([ended?.status, ended?.metadata.in_store]).toEqual(["canceled", undefined]);
});

test("a scheduled change is removed when an upgrade was paid", async () => {
  const ada = await addCustomer(testEnv);
  const customer = await subscribe(testEnv, ada, "enterprise_month");
  await change(ada, "pro_month");
  await change(ada, "enterprise_year");
  await syncCustomer(customer);
  expect(await overview(ada)).toMatchObject({
    scheduledChange: null,
    nextPayment: { micros: 990_000_000 },
  });
  expect((await testEnv.stripe.subscriptions.list({ customer })).data[0]?.metadata.in_store).toBeUndefined();
});
