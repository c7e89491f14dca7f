import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { startCheckout } from "#lib/billing/actions/checkout.ts";
import { listCustomerIds } from "#lib/billing/customer/list-customer-ids.ts";
import { reconcileCustomer } from "#lib/billing/reconcile/reconcile-customer.ts";
import { sweepBilling } from "#lib/billing/reconcile/sweep.ts";
import { readPaymentDetails } from "#lib/billing/reports/payment-details.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import { readBalance } from "#lib/usage/balance.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  readGrants,
  readSubscriptionState,
  resetEnvCaches,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { startStripeProxy } from "#tests/integration/billing/stripe-proxy.ts";

let testEnv: BillingTestEnv;
let ada: Customer;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(async () => {
  await testEnv.reset();
  ada = await addCustomer(testEnv);
});
afterAll(() => testEnv.close());

const available = async () => (await readBalance(testEnv.db, ada.workspaceId, now())).availableMicros;

describe("B9: a customer that was deleted at Stripe and replaced", () => {
  async function replaceCustomer(): Promise<{ before: string; after: string; charge: string }> {
    const before = await subscribe(testEnv, ada, "enterprise_month");
    const [charge] = (await testEnv.stripe.charges.list({ customer: before })).data;
    await testEnv.stripe.customers.del(before);
    const after = await subscribe(testEnv, ada, "pro_month");
    expect(after).not.toBe(before);
    return { before, after, charge: charge?.id ?? "" };
  }

  it("B9: a refund of the old customer's payment takes its credit back", async () => {
    const { before, charge } = await replaceCustomer();
    expect(await available()).toBe(115_000_000);
    await testEnv.stripe.refunds.create({ charge });
    await syncCustomer(before);
    expect(await available()).toBe(15_000_000);
    const old = (await readGrants(testEnv, ada)).find(({ amountMicros }) => amountMicros === 100_000_000);
    expect(old?.takenBackMicros).toBe(100_000_000);
  });

  it("B9: syncing the old customer leaves the new one's plan, card and Checkouts alone", async () => {
    const { before, after } = await replaceCustomer();
    const cardBefore = await readPaymentDetails(testEnv.db, ada.workspaceId, now());
    await syncCustomer(before);
    expect(await readSubscriptionState(testEnv, ada)).toMatchObject({
      status: "active",
      lookupKey: "pro_month",
    });
    expect(await readPaymentDetails(testEnv.db, ada.workspaceId, now())).toEqual(cardBefore);
    const rows = await testEnv.sql`
      select stripe_customer_id as customer, status from subscriptions where workspace_id = ${ada.workspaceId} order by created_at, status`;
    expect([...rows].sort((a, b) => (a.status < b.status ? -1 : 1))).toEqual([
      { customer: after, status: "active" },
      { customer: before, status: "canceled" },
    ]);
  });

  it("B9: the sweep checks a customer that was deleted at Stripe and not replaced, for 400 days", async () => {
    const customer = await subscribe(testEnv, ada, "enterprise_month");
    const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
    await testEnv.stripe.customers.del(customer);
    await syncCustomer(customer);
    const listed = async () => {
      const found: string[] = [];
      for await (const id of listCustomerIds(testEnv.db)) found.push(id);
      return found;
    };
    await testEnv.stripe.refunds.create({ charge: charge?.id ?? "" });
    await testEnv.startJobs();
    await sweepBilling();
    await vi.waitFor(async () => expect(await available()).toBe(0), { timeout: 20_000 });
    await syncCustomer(customer);
    await testEnv.sql`update billing_customers set deleted_at = deleted_at - interval '399 days'`;
    await syncCustomer(customer);
    expect(await listed()).toEqual([customer]);
    await testEnv.sql`update billing_customers set deleted_at = deleted_at - interval '2 days'`;
    expect(await listed()).toEqual([]);
  });

  it("B9: the sweep checks old customers too, and neither is an orphan nor differs", async () => {
    const { before, after, charge } = await replaceCustomer();
    await testEnv.stripe.refunds.create({ charge });
    await testEnv.startJobs();
    await sweepBilling();
    await vi.waitFor(async () => expect(await available()).toBe(15_000_000), { timeout: 10_000 });
    for (const customer of [before, after])
      expect(await reconcileCustomer(customer, { mode: "look" })).toEqual({ found: [], left: [] });
  });
});

describe("B14: answers of Stripe that are lost", () => {
  it("B14: a customer whose creation was answered to nobody is found again under another name", async () => {
    const proxy = await startStripeProxy(testEnv.url);
    vi.stubEnv("STRIPE_API_BASE", proxy.url);
    resetEnvCaches();
    proxy.loseAnswers("POST /v1/customers", 3);
    await expect(startCheckout(ada, "pro_month", now())).rejects.toMatchObject({
      code: "billing_unavailable",
    });
    await testEnv.sql`update users set name = 'Ada King', email = 'king@parley.example' where id = ${ada.userId}`;
    await expect(startCheckout(ada, "pro_month", now())).resolves.toMatchObject({ url: expect.any(String) });
    const { data } = await testEnv.stripe.customers.list({ limit: 100 });
    expect(data.filter(({ metadata }) => metadata.workspace_id === ada.workspaceId)).toMatchObject([
      { name: "Ada King", email: "king@parley.example" },
    ]);
    await proxy.close();
  });

  it("B14: a Checkout whose answer was lost opens although the product's address changed", async () => {
    const proxy = await startStripeProxy(testEnv.url);
    vi.stubEnv("STRIPE_API_BASE", proxy.url);
    resetEnvCaches();
    proxy.loseAnswers("POST /v1/checkout/sessions", 3);
    await expect(startCheckout(ada, "pro_month", now())).rejects.toMatchObject({
      code: "billing_unavailable",
    });
    await testEnv.stripe.checkout.sessions.list({ limit: 1 });
    vi.stubEnv("APP_URL", "http://parley.example");
    resetEnvCaches();
    await expect(startCheckout(ada, "enterprise_month", now())).resolves.toMatchObject({
      url: expect.any(String),
    });
    await proxy.close();
  });
});
