import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { syncCatalog } from "#lib/billing/catalog/sync-catalog.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { addMonths, now } from "#lib/core/clock.ts";
import { createPrice } from "#lib/gateways/stripe/catalog/products-and-prices.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  readGrants,
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

const hourMs = 3_600_000;
const iso = (date: Date) => date.toISOString();
const entitled = async (customer: Customer) =>
  entitlementsOf(await readSubscriptionState(testEnv, customer), now());
const overview = (customer: Customer) =>
  readBillingOverview(testEnv.db, { workspaceId: customer.workspaceId, workspaceCreatedAt: now() }, now());

describe("the catalog", () => {
  test("syncing the catalog again, or as a dry run, changes nothing", async () => {
    const lines: string[] = [];
    const report = (line: string) => void lines.push(line);
    expect(await syncCatalog({ dryRun: false, report })).toBe(0);
    await testEnv.control("reset", {});
    expect(await syncCatalog({ dryRun: true, report })).toBe(14);
    expect((await testEnv.stripe.prices.list()).data).toEqual([]);
    expect(await syncCatalog({ dryRun: false, report })).toBe(14);
    expect(await syncCatalog({ dryRun: false, report })).toBe(0);
  });

  test("a changed price is replaced, and subscriptions at the old price keep plan and allowance", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await createPrice({ productId: "parley_pro", lookupKey: "pro_month", cents: 2_500, interval: "month" });
    await testEnv.travel(iso(new Date(addMonths(now(), 1).getTime() + 2 * hourMs)));
    await syncCustomer(customer);
    expect((await entitled(ada)).plan).toBe("pro");
    expect(await readGrants(testEnv, ada)).toHaveLength(2);
    expect((await overview(ada)).nextPayment?.micros).toBe(19_000_000);
    expect(await syncCatalog({ dryRun: false, report: () => {} })).toBe(1);
    const [price] = (await testEnv.stripe.prices.list({ lookup_keys: ["pro_month"] })).data;
    expect(price).toMatchObject({ unit_amount: 1_900, active: true });
  });
});
