import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { saveInvoiceRecipient, saveTaxId } from "#lib/billing/actions/billing-details.ts";
import { startCheckout, startTopUp } from "#lib/billing/actions/checkout.ts";
import { now } from "#lib/core/clock.ts";
import { envErrors } from "#lib/core/env.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  listStripeEvents,
  postWebhook,
  readStripeCustomerId,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
afterAll(() => testEnv.close());

/** Lists the Stripe customers whose metadata names the workspace. */
async function listCustomersOfWorkspace({ workspaceId }: Customer): Promise<string[]> {
  const found: string[] = [];
  for await (const { id, metadata } of testEnv.stripe.customers.list({ limit: 100 }))
    if (metadata.workspace_id === workspaceId) found.push(id);
  return found;
}

describe("known failure mode: duplicate customers", () => {
  test("concurrent billing actions create one customer for a workspace", async () => {
    const customer = await addCustomer(testEnv);
    const address = { line1: "1", line2: null, city: null, state: null, postalCode: null, country: "DE" };
    await Promise.all([
      ...[1, 2, 3].map(() => startCheckout(customer, "pro_month", now())),
      ...[1, 2, 3].map(() => startTopUp(customer, "top_up_20", now())),
      saveInvoiceRecipient(customer, { name: "Ada", address }, now()),
      saveTaxId(customer, "us_ein", "12-3456789", now()),
    ]);
    expect(await listCustomersOfWorkspace(customer)).toHaveLength(1);
  });

  test("a lost response to the creation of a customer creates no second one", async () => {
    const customer = await addCustomer(testEnv);
    await testEnv.control("chaos", { drop: true, failNextApi: "timeout_after_effect", failNextApiTimes: 3 });
    await expect(startCheckout(customer, "pro_month", now())).rejects.toMatchObject({
      code: "billing_unavailable",
    });
    await testEnv.control("chaos", { drop: true });
    await startCheckout(customer, "pro_month", now());
    expect(await listCustomersOfWorkspace(customer)).toEqual([await readStripeCustomerId(testEnv, customer)]);
  });
});

describe("known failure mode: test ids in live mode", () => {
  test("an event of the other mode is acknowledged and not stored", async () => {
    const customer = await addCustomer(testEnv);
    const customerId = await subscribe(testEnv, customer, "pro_month");
    const [event] = await listStripeEvents(testEnv, customerId);
    const liveEvent = { ...event, id: "evt_of_the_other_mode", livemode: true };
    const answer = await postWebhook(testEnv, liveEvent);
    expect(answer.status).toBe(200);
    expect(await testEnv.sql`select id from stripe_events where id = ${liveEvent.id}`).toEqual([]);
    expect((await postWebhook(testEnv, { ...liveEvent, livemode: false })).status).toBe(200);
    expect(await testEnv.sql`select id from stripe_events where id = ${liveEvent.id}`).toHaveLength(1);
  });

  test("Checkout creates a new customer when the stored one belongs to the other mode", async () => {
    const customer = await addCustomer(testEnv);
    await testEnv.sql`insert into billing_customers (workspace_id, stripe_customer_id, created_at)
      values (${customer.workspaceId}, ${`cus_test_${customer.workspaceId}`}, now())`;
    await startCheckout(customer, "pro_month", now());
    expect(await listCustomersOfWorkspace(customer)).toEqual([await readStripeCustomerId(testEnv, customer)]);
  });

  test("the app refuses to start with keys of two modes", () => {
    const mixed = { ...testEnvironment, STRIPE_SECRET_KEY: "sk_test_1", STRIPE_PUBLISHABLE_KEY: "pk_live_1" };
    expect(envErrors(mixed)).toEqual([
      "STRIPE_PUBLISHABLE_KEY and STRIPE_SECRET_KEY must both be live keys, or both be test keys.",
    ]);
    expect(envErrors({ ...mixed, APP_ENV: "production" })).toContain(
      "STRIPE_SECRET_KEY is a test key: production needs a live one.",
    );
  });
});
