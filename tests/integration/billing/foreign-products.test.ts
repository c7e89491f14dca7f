import type Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cancelAtPeriodEnd } from "#lib/billing/actions/cancel.ts";
import { finishCheckout, startCheckout } from "#lib/billing/actions/checkout.ts";
import { closeBilling } from "#lib/billing/actions/close-billing.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import { ensureCustomer } from "#lib/billing/customer/customers.ts";
import { listDrift } from "#lib/billing/operator/drift-list.ts";
import { reconcileCustomer } from "#lib/billing/reconcile/reconcile-customer.ts";
import { readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { readRevenue } from "#lib/billing/reports/revenue.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { readBalance } from "#lib/usage/balance.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  goodCard,
  payCheckout,
  startBillingTestEnv,
  subscribe,
  subscribeThroughCheckout,
} from "#tests/integration/billing/billing-test-env.ts";
import { submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

// What another product sells to the same customer, and prices that are not in our catalog.

let testEnv: BillingTestEnv;
let ada: Customer;
const alerts: Alert[] = [];
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(async () => {
  await testEnv.reset();
  ada = await addCustomer(testEnv);
  alerts.length = 0;
  deliverAlertsTo(async (alert) => void alerts.push(alert));
});
afterAll(async () => {
  deliverAlertsTo(undefined);
  await testEnv.close();
});

const overview = () =>
  readBillingOverview(testEnv.db, { workspaceId: ada.workspaceId, workspaceCreatedAt: now() }, now());
const available = async () => (await readBalance(testEnv.db, ada.workspaceId, now())).availableMicros;
const openFindings = async (customerId: string) =>
  (await listDrift(testEnv.db, { state: "open", customerId }, 10)).flatMap(({ differences }) => differences);

async function createPrice(params: Partial<Stripe.PriceCreateParams> = {}): Promise<string> {
  const { id: product } = await testEnv.stripe.products.create({ name: "Gold support" });
  const price = { product, currency: "usd", unit_amount: 50_000, recurring: { interval: "month" as const } };
  return (await testEnv.stripe.prices.create({ ...price, ...params })).id;
}

async function attachCard(customer: string): Promise<string> {
  return (await testEnv.stripe.paymentMethods.attach("pm_card_visa", { customer })).id;
}

async function createForeignSubscription(
  customer: string,
  params: Partial<Stripe.SubscriptionCreateParams> = {},
): Promise<Stripe.Subscription> {
  const items = [{ price: await createPrice() }];
  const card = await attachCard(customer);
  return testEnv.stripe.subscriptions.create({ customer, items, default_payment_method: card, ...params });
}

const priceOf = async (lookupKey: string) =>
  (await testEnv.stripe.prices.list({ lookup_keys: [lookupKey] })).data[0]?.id ?? "";
const newCustomer = () =>
  withCustomerLock(ada.workspaceId, (tx) => ensureCustomer(tx, ada.workspaceId, now()));

describe("B1: another product's subscription beside a plan", () => {
  it("B1: a foreign subscription changes nothing: Pro counts, is shown and is canceled", async () => {
    const customer = await subscribeThroughCheckout(testEnv, ada, "pro_month");
    const before = await overview();
    const credit = await available();
    await testEnv.travel(new Date(now().getTime() + 60_000).toISOString());
    const foreign = await createForeignSubscription(customer);
    await syncCustomer(customer);
    const after = await overview();
    expect(after.entitlements.plan).toBe("pro");
    expect(after).toEqual({ ...before, credit: expect.anything() });
    expect(await available()).toBe(credit);
    expect(await openFindings(customer)).toEqual([]);
    await cancelAtPeriodEnd(ada, now());
    expect(await testEnv.stripe.subscriptions.retrieve(foreign.id)).toMatchObject({
      cancel_at_period_end: false,
      status: "active",
    });
    const { data } = await testEnv.stripe.subscriptions.list({ customer });
    const ours = data.find(({ id }) => id !== foreign.id);
    expect(ours?.cancel_at_period_end).toBe(true);
  });

  it("B1: Pro counts while it is past due, although the foreign subscription is active", async () => {
    const customer = await subscribe(testEnv, ada, "pro_month");
    await createForeignSubscription(customer);
    const { data } = await testEnv.stripe.subscriptions.list({ customer });
    const ours = data.find(({ items }) => items.data[0]?.price.lookup_key === "pro_month");
    const broken = await testEnv.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", { customer });
    await testEnv.stripe.subscriptions.update(ours?.id ?? "", { default_payment_method: broken.id });
    const end = ours?.items.data[0]?.current_period_end ?? 0;
    await testEnv.travel(new Date((end + 7_200) * 1_000).toISOString());
    await syncCustomer(customer);
    const shown = await overview();
    expect(shown.entitlements).toMatchObject({ plan: "pro", source: "grace" });
    expect(shown.subscription?.lookupKey).toBe("pro_month");
    expect(shown.problem?.micros).toBe(19_000_000);
  });

  it("B1: a foreign trial, failed payment and refund give no credit and no email", async () => {
    const customer = await newCustomer();
    await createForeignSubscription(customer, { trial_period_days: 5 });
    await syncCustomer(customer);
    expect((await overview()).credit.availableMicros).toBe(500_000);
    const broken = await testEnv.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", { customer });
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    await createForeignSubscription(customer);
    const [paid] = (await testEnv.stripe.charges.list({ customer })).data;
    await testEnv.stripe.refunds.create({ charge: paid?.id ?? "" });
    await testEnv.stripe.subscriptions.update(subscription?.id ?? "", { default_payment_method: broken.id });
    await testEnv.travel(new Date(now().getTime() + 6 * 86_400_000).toISOString());
    await syncCustomer(customer);
    const shown = await overview();
    expect(shown.problem).toBeNull();
    expect(shown.invoices).toEqual([]);
    expect(
      await testEnv.sql`select unique_key from outgoing_mail where unique_key ~ '(failed|refund)'`,
    ).toEqual([]);
    const { mrrCents, paying } = await readRevenue(testEnv.db, now().toISOString().slice(0, 10), now());
    expect({ mrrCents, paying }).toEqual({ mrrCents: 0, paying: 0 });
  });

  it("B1: deleting the account ends our plan and leaves the other product's subscription", async () => {
    const customer = await subscribe(testEnv, ada, "pro_month");
    const foreign = await createForeignSubscription(customer);
    await closeBilling(ada.workspaceId, now());
    const { data } = await testEnv.stripe.subscriptions.list({ customer, status: "all" });
    expect(data.filter(({ status }) => status !== "canceled").map(({ id }) => id)).toEqual([foreign.id]);
    expect(alerts.map(({ title }) => title)).toContainEqual(expect.stringContaining("kept at Stripe"));
  });
});

describe("B2: items of other products on our subscription", () => {
  it.each(["aaa", "zzz"])("B2: an add-on item changes nothing (%s)", async (suffix) => {
    const customer = await subscribe(testEnv, ada, "pro_month");
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    const price = await createPrice({ lookup_key: `support_month_${suffix}`, unit_amount: 1_000 });
    const items = [{ price }, { price: await createPrice({ unit_amount: 700 }) }];
    await testEnv.stripe.subscriptions.update(subscription?.id ?? "", { items });
    await syncCustomer(customer);
    const shown = await overview();
    expect(shown.entitlements).toMatchObject({ plan: "pro", source: "subscription" });
    expect(shown.subscription).toMatchObject({ lookupKey: "pro_month", priceMicros: 19_000_000 });
    expect(await available()).toBe(15_000_000);
    expect(await openFindings(customer)).toEqual([]);
  });

  it("B2: the unpaid invoice of an add-on item brings no grace credit", async () => {
    const customer = await subscribe(testEnv, ada, "pro_month");
    await syncCustomer(customer);
    const before = await available();
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    const broken = await testEnv.stripe.paymentMethods.attach("pm_card_chargeCustomerFail", { customer });
    await testEnv.stripe.subscriptions.update(subscription?.id ?? "", {
      default_payment_method: broken.id,
      items: [{ price: await createPrice({ unit_amount: 1_000 }) }],
      proration_behavior: "always_invoice",
    });
    const [unpaid] = (await testEnv.stripe.invoices.list({ customer, status: "open" })).data;
    expect(unpaid?.amount_due).toBeGreaterThan(0);
    await syncCustomer(customer);
    expect(await available()).toBe(before);
  });
});

describe("B4: two plans on one subscription", () => {
  it("B4: the operator is told at once, and once, and the finding closes when one is removed", async () => {
    const customer = await subscribe(testEnv, ada, "pro_month");
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    const id = subscription?.id ?? "";
    await testEnv.stripe.subscriptions.update(id, { items: [{ price: await priceOf("enterprise_month") }] });
    await syncCustomer(customer);
    await syncCustomer(customer);
    const theirs = "Enterprise, monthly and Pro, monthly";
    expect(await openFindings(customer)).toMatchObject([{ what: `Plans of subscription ${id}`, theirs }]);
    expect(alerts.map(({ detail }) => detail)).toEqual([expect.stringContaining(customer)]);
    const item = subscription?.items.data[0]?.id ?? "";
    await testEnv.stripe.subscriptions.update(id, { items: [{ id: item, deleted: true }] });
    await syncCustomer(customer);
    expect(await openFindings(customer)).toEqual([]);
    expect((await overview()).entitlements.plan).toBe("enterprise");
  });
});

describe("B6: only a price that is not in our catalog", () => {
  it("B6: it is named, the operator is told, and a plan of ours can be bought", async () => {
    const customer = await newCustomer();
    const foreign = await createForeignSubscription(customer);
    await syncCustomer(customer);
    const shown = await overview();
    expect(shown.entitlements).toMatchObject({ plan: "free", source: "free" });
    expect(shown.subscription).toBeNull();
    expect(shown.otherSubscription).toEqual({
      name: "Gold support",
      status: "active",
      priceMicros: 500_000_000,
      currency: "usd",
      interval: "month",
    });
    expect(await openFindings(customer)).toMatchObject([
      {
        what: `Subscription ${foreign.id}`,
        theirs: expect.stringContaining("Gold support at $500.00 a month"),
      },
    ]);
    expect(alerts).toHaveLength(1);
    await finishCheckout(ada.workspaceId, await payCheckout(ada, "pro_month"));
    const bought = await overview();
    expect(bought.entitlements.plan).toBe("pro");
    expect(bought.otherSubscription).toBeNull();
    expect(await openFindings(customer)).toEqual([]);
  });

  it("B6: the nightly check reports it too", async () => {
    const customer = await newCustomer();
    await createForeignSubscription(customer);
    const { left } = await reconcileCustomer(customer, { mode: "look" });
    expect(left.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^Subscription sub_/));
  });
});

describe("B11: an open Checkout page beside a subscription", () => {
  it("B11: the page is closed as soon as a subscription runs", async () => {
    const { url } = await startCheckout(ada, "pro_month", now());
    const customer = await newCustomer();
    await testEnv.stripe.subscriptions.create({
      ...{ customer, items: [{ price: await priceOf("enterprise_month") }] },
      default_payment_method: await attachCard(customer),
    });
    await syncCustomer(customer);
    expect((await submitCard(url, goodCard)).status).not.toBe(303);
    expect((await testEnv.stripe.subscriptions.list({ customer })).data).toHaveLength(1);
    expect((await overview()).entitlements.plan).toBe("enterprise");
  });

  it("B11: if the page was paid before that is known, the higher plan counts and the operator is told at once", async () => {
    const { url } = await startCheckout(ada, "pro_month", now());
    const customer = await newCustomer();
    await testEnv.stripe.subscriptions.create({
      ...{ customer, items: [{ price: await priceOf("enterprise_month") }] },
      default_payment_method: await attachCard(customer),
    });
    const paid = await submitCard(url, goodCard);
    const sessionId = new URL(paid.headers.get("location") ?? "").searchParams.get("session_id") ?? "";
    await finishCheckout(ada.workspaceId, sessionId);
    expect((await overview()).entitlements.plan).toBe("enterprise");
    expect(await available()).toBe(115_000_000);
    expect(await openFindings(customer)).toMatchObject([{ what: "Running subscriptions" }]);
    expect(alerts).toHaveLength(1);
  });

  it("B11: another product's open Checkout page stays open", async () => {
    const customer = await subscribe(testEnv, ada, "pro_month");
    const session = await testEnv.stripe.checkout.sessions.create({
      ...{ mode: "subscription", customer, success_url: "http://localhost:3000/" },
      line_items: [{ price: await createPrice(), quantity: 1 }],
    });
    await syncCustomer(customer);
    expect((await testEnv.stripe.checkout.sessions.retrieve(session.id)).status).toBe("open");
  });
});
