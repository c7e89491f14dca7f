import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { readSubscription } from "#lib/billing/entitlements/subscription-state.ts";
import { readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { processEvent, storeEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { addMonths, now } from "#lib/core/clock.ts";
import { toEvent } from "#lib/gateways/stripe/events/event.ts";
import { readBalance } from "#lib/usage/balance.ts";
import { createTestDatabase } from "#tests/database.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  listStripeEvents,
  readSubscriptionState,
  resetEnvCaches,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { type StripeProxy, startStripeProxy } from "#tests/integration/billing/stripe-proxy.ts";

const statements: string[] = [];
let testEnv: BillingTestEnv;
let proxy: StripeProxy;
let customer: Customer;
let customerId: string;

beforeAll(async () => {
  testEnv = await startBillingTestEnv(await createTestDatabase((text) => statements.push(text)));
  proxy = await startStripeProxy(testEnv.url);
});
afterAll(async () => {
  await proxy.close();
  await testEnv.close();
});
beforeEach(async () => {
  await testEnv.reset();
  customer = await addCustomer(testEnv);
  customerId = await subscribe(testEnv, customer, "pro_month");
});

describe("requests to Stripe", () => {
  const oneFetch = [
    "GET /v1/charges",
    "GET /v1/checkout/sessions",
    "GET /v1/customers/ID",
    "GET /v1/invoices",
    "GET /v1/subscriptions",
    "POST /v1/invoices/create_preview",
  ];
  const sentRequests = () => proxy.requests.map((request) => request.replace(customerId, "ID")).sort();

  /** Renews the subscription, and from then on sends our requests through the proxy. */
  async function renew(): Promise<void> {
    vi.stubEnv("STRIPE_API_BASE", proxy.url);
    resetEnvCaches();
    // Fills this process's price cache.
    await syncCustomer(customerId);
    await testEnv.travel(new Date(addMonths(now(), 1).getTime() + 2 * 3_600_000).toISOString());
    proxy.requests.length = 0;
  }

  test("the sync of a renewal fetches the customer once", async () => {
    const before = await readSubscriptionState(testEnv, customer);
    await renew();
    await syncCustomer(customerId);
    expect(sentRequests()).toEqual(oneFetch);
    const after = await readSubscriptionState(testEnv, customer);
    expect(after?.periodStartMs).toBe(before?.periodEndMs);
  });

  test("all events of a renewal that are in the inbox are processed with one fetch", async () => {
    await renew();
    const events = (await listStripeEvents(testEnv, customerId)).filter(
      ({ created }) => created * 1_000 > now().getTime() - 86_400_000,
    );
    expect(events.length).toBeGreaterThan(2);
    for (const event of events) await storeEvent(toEvent(event));
    for (const { id } of events) await processEvent(id);
    expect(sentRequests()).toEqual(oneFetch);
    const states = await testEnv.sql`
      select distinct state from stripe_events where id in ${testEnv.sql(events.map(({ id }) => id))}`;
    expect(states).toEqual([{ state: "done" }]);
  });
});

describe("statements of the billing overview", () => {
  /** The sent statements, without those by which the driver sets up a new connection. */
  const sentStatements = () => statements.filter((text) => !text.includes("pg_catalog"));
  const countReads = (table: string) =>
    sentStatements().filter((text) => new RegExp(`from "?${table}\\b`).test(text)).length;

  test("the overview does not read facts again that the caller has loaded", async () => {
    const at = now();
    const { workspaceId } = customer;
    const [subscription, balance] = await Promise.all([
      readSubscription(testEnv.db, workspaceId),
      readBalance(testEnv.db, workspaceId, at),
    ]);
    statements.length = 0;
    const facts = { workspaceId, workspaceCreatedAt: at, subscription, balance };
    const loaded = await readBillingOverview(testEnv.db, facts, at);
    expect(sentStatements()).toHaveLength(6);
    expect(countReads("subscriptions")).toBe(1);
    expect(countReads("grants")).toBe(0);
    expect(await readBillingOverview(testEnv.db, { workspaceId, workspaceCreatedAt: at }, at)).toEqual(
      loaded,
    );
  });

  test("without loaded facts the overview reads the subscription and the balance once each", async () => {
    statements.length = 0;
    await readBillingOverview(testEnv.db, { ...customer, workspaceCreatedAt: now() }, now());
    expect(sentStatements()).toHaveLength(8);
    expect(countReads("grants")).toBe(1);
  });
});
