import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { finishCheckout, startTopUp } from "#lib/billing/actions/checkout.ts";
import { ensureCustomer } from "#lib/billing/customer/customers.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { reconcileAll } from "#lib/billing/reconcile/reconcile-all.ts";
import { reconcileCustomer } from "#lib/billing/reconcile/reconcile-customer.ts";
import { sweepBilling } from "#lib/billing/reconcile/sweep.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  goodCard,
  payCheckout,
  readGrants,
  readStripeCustomerId,
  readSubscriptionState,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let testEnv: BillingTestEnv;
const alerts: Alert[] = [];
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(() => testEnv.reset());
afterEach(() => {
  alerts.length = 0;
  deliverAlertsTo(undefined);
});
afterAll(() => testEnv.close());

const differenceNames = (found: { what: string }[]) => found.map(({ what }) => what);
const planOf = async (customer: Customer) =>
  entitlementsOf(await readSubscriptionState(testEnv, customer), now()).plan;
const findingsOf = (customerId: string) =>
  testEnv.sql<{ differences: { what: string }[]; fixedAt: string | null; fixedBy: string | null }[]>`
    select differences, fixed_at as "fixedAt", fixed_by as "fixedBy" from billing_drift
    where stripe_customer_id = ${customerId} order by found_at, id`;

/** Creates a customer on Pro with a top-up, in sync with Stripe. */
async function createSubscribedCustomer() {
  const ada = await addCustomer(testEnv);
  const customer = await subscribe(testEnv, ada, "pro_month");
  const { url } = await startTopUp(ada, "top_up_5", now());
  const back = await submitCard(url, goodCard);
  const session = new URL(back.headers.get("location") ?? "").searchParams.get("session_id") ?? "";
  await finishCheckout(ada.workspaceId, session);
  return { ada, customer };
}

/** Creates a second subscription outside our Checkout, as in Stripe's dashboard. */
async function createSecondSubscription(customer: string): Promise<void> {
  const method = await testEnv.stripe.paymentMethods.attach("pm_card_visa", { customer });
  const [price] = (await testEnv.stripe.prices.list({ lookup_keys: ["pro_month"] })).data;
  const items = [{ price: price?.id ?? "" }];
  await testEnv.stripe.subscriptions.create({ customer, items, default_payment_method: method.id });
}

describe("orphaned customers", () => {
  test("an orphaned customer is linked to its workspace again with the paid plan", async () => {
    const { ada, customer } = await createSubscribedCustomer();
    await testEnv.sql`delete from billing_customers where workspace_id = ${ada.workspaceId}`;
    await testEnv.sql`delete from subscriptions where workspace_id = ${ada.workspaceId}`;
    const dry = await reconcileAll({ dryRun: true, report: () => {} });
    expect(dry).toMatchObject({ fixed: 0 });
    expect(
      await testEnv.sql`select 1 from billing_customers where workspace_id = ${ada.workspaceId}`,
    ).toHaveLength(0);
    const { found, left } = await reconcileCustomer(customer, { mode: "fix" });
    expect(differenceNames(found)).toContain(`Customer ${customer}`);
    expect(left).toEqual([]);
    expect(await planOf(ada)).toBe("pro");
    expect(await readGrants(testEnv, ada)).toHaveLength(2);
  });

  test("a second customer of a workspace is an open finding only while it pays", async () => {
    const { ada } = await createSubscribedCustomer();
    const metadata = { workspace_id: ada.workspaceId };
    const second = await testEnv.stripe.customers.create({ metadata });
    expect(await reconcileCustomer(second.id, { mode: "fix" })).toEqual({ found: [], left: [] });
    await createSecondSubscription(second.id);
    const { left } = await reconcileCustomer(second.id, { mode: "fix" });
    expect(left).toMatchObject([{ what: `Customer ${second.id}`, theirs: expect.stringContaining("sub_") }]);
    expect(await findingsOf(second.id)).toMatchObject([{ fixedAt: null }]);
    expect(await readStripeCustomerId(testEnv, ada)).not.toBe(second.id);
  });

  test("account deleted, billing goes on: a paying customer without a workspace is found", async () => {
    const orphan = await testEnv.stripe.customers.create({ metadata: { workspace_id: newId() } });
    await createSecondSubscription(orphan.id);
    const { left } = await reconcileCustomer(orphan.id, { mode: "fix" });
    expect(left).toMatchObject([{ ours: "not here, and its workspace does not exist" }]);
  });
});

describe("reconciling all customers", () => {
  /** Runs the jobs that the sweep enqueued for a customer. @returns their number */
  async function runReconcileJobs(customerId: string): Promise<number> {
    const jobs = await testEnv.sql<{ mode: "fix" }[]>`
      select data->>'mode' as mode from pgboss.job where name = 'billing.reconcile' and data->>'customerId' = ${customerId}`;
    for (const { mode } of jobs) await reconcileCustomer(customerId, { mode });
    return jobs.length;
  }

  test("known failure mode: webhook missed, paid without access: the sweep grants what was paid for and records the finding", async () => {
    const ada = await addCustomer(testEnv);
    await payCheckout(ada, "pro_month");
    expect(await planOf(ada)).toBe("free");
    await sweepBilling();
    await sweepBilling();
    const customer = await readStripeCustomerId(testEnv, ada);
    expect(await runReconcileJobs(customer)).toBe(1);
    expect(await planOf(ada)).toBe("pro");
    expect(await readGrants(testEnv, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
    const [finding] = await findingsOf(customer);
    expect(finding).toMatchObject({ fixedAt: expect.anything(), fixedBy: null });
    expect(differenceNames(finding?.differences ?? [])).toContainEqual(
      expect.stringMatching(/^Credit allowance:/),
    );
  });

  test("the sweep links a customer whose row was lost in a crash", async () => {
    const ada = await addCustomer(testEnv);
    let made = "";
    const lost = testEnv.db.transaction(async (tx) => {
      made = await ensureCustomer(tx, ada.workspaceId, now());
      throw new Error("the process died");
    });
    await expect(lost).rejects.toThrow("died");
    await sweepBilling();
    expect(await runReconcileJobs(made)).toBe(1);
    expect(await readStripeCustomerId(testEnv, ada)).toBe(made);
  });

  test("the report lists and counts each difference, and a second run finds only the rest", async () => {
    const { ada, customer } = await createSubscribedCustomer();
    await testEnv.sql`update subscriptions set status = 'unpaid' where workspace_id = ${ada.workspaceId}`;
    const lines: string[] = [];
    const first = await reconcileAll({ dryRun: false, report: (line) => lines.push(line) });
    expect(lines).toContainEqual(
      expect.stringMatching(
        new RegExp(`^${customer}: Subscription sub_\\w+: status: here unpaid, at Stripe active$`),
      ),
    );
    expect(lines.at(-1)).toBe(`${first.customers} customers, ${first.differ} differ, ${first.fixed} fixed`);
    const second = await reconcileAll({ dryRun: true, report: () => {} });
    expect(second).toEqual({ customers: first.customers, differ: first.differ - first.fixed, fixed: 0 });
  });
});
