import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  readSubscriptionState,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(() => testEnv.reset());
afterAll(() => testEnv.close());

const entitled = async (customer: Customer) =>
  entitlementsOf(await readSubscriptionState(testEnv, customer), now());

describe("the customer's lock", () => {
  test("a sync fetches from Stripe only after it holds the lock, so that stale state never overwrites newer state", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const other = await testEnv.sql.reserve();
    await other`select pg_advisory_lock(hashtextextended(${`billing:${ada.workspaceId}`}, 0))`;
    const late = syncCustomer(customer);
    await vi.waitFor(async () => {
      const [row] =
        await testEnv.sql`select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted`;
      expect(row?.count).toBe(1);
    });
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    await testEnv.stripe.subscriptions.cancel(subscription?.id ?? "");
    await other`select pg_advisory_unlock(hashtextextended(${`billing:${ada.workspaceId}`}, 0))`;
    other.release();
    await late;
    expect((await entitled(ada)).plan).toBe("free");
  });

  test("concurrent syncs leave database connections to other requests", async () => {
    const owners = await Promise.all(Array.from({ length: 12 }, () => addCustomer(testEnv)));
    const customers: string[] = [];
    for (const owner of owners) customers.push(await subscribe(testEnv, owner, "pro_month"));
    let maxLocks = 0;
    const syncs = Promise.all(
      customers.flatMap((id) => [syncCustomer(id), syncCustomer(id), syncCustomer(id)]),
    );
    let running = true;
    void syncs.finally(() => {
      running = false;
    });
    while (running) {
      const [row] = await testEnv.sql`
        select count(*)::int as count from pg_locks where locktype = 'advisory' and database = (
          select oid from pg_database where datname = current_database())`;
      maxLocks = Math.max(maxLocks, Number(row?.count));
    }
    await syncs;
    expect(maxLocks).toBeGreaterThan(0);
    expect(maxLocks).toBeLessThanOrEqual(4);
  });
});
