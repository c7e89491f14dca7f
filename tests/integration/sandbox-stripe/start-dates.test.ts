import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  createPlan,
  failureOf,
  iso,
  payingCustomer,
  type SandboxClient,
  seconds,
  startSandbox,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
let customer: string;
let price: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  ({ stripe } = sandbox);
  await sandbox.control("clock/advance", { to: "2031-05-15T00:00:00Z" });
  price = (await createPlan(stripe, "Pro", 3100)).month.id;
  customer = await payingCustomer(stripe);
});
afterEach(() => sandbox.stop());

const goTo = (to: string) => sandbox.control("clock/advance", { to });
const create = (params: Partial<Stripe.SubscriptionCreateParams>) =>
  stripe.subscriptions.create({ customer, items: [{ price }], expand: ["latest_invoice"], ...params });
const linesOf = (subscription: Stripe.Subscription) => {
  const { latest_invoice: invoice } = subscription;
  if (invoice === null || typeof invoice === "string") throw new Error("the invoice was not expanded");
  return invoice.lines.data.map((line) => [iso(line.period.start), iso(line.period.end), line.amount]);
};
const periodOf = (subscription: Stripe.Subscription) => {
  const [item] = subscription.items.data;
  return [iso(item?.current_period_start), iso(item?.current_period_end)];
};

describe("the first billing date", () => {
  test("a billing anchor prorates the time before it and then bills whole periods from it", async () => {
    const subscription = await create({ billing_cycle_anchor: seconds("2031-06-01T00:00:00Z") });
    // 17 of the 31 days of May.
    expect(linesOf(subscription)).toEqual([["2031-05-15T00:00:00Z", "2031-06-01T00:00:00Z", 1700]]);
    expect(subscription.status).toBe("active");
    expect(periodOf(subscription)).toEqual(["2031-05-15T00:00:00Z", "2031-06-01T00:00:00Z"]);
    await goTo("2031-06-01T01:00:00Z");
    const renewed = await stripe.subscriptions.retrieve(subscription.id, { expand: ["latest_invoice"] });
    expect(linesOf(renewed)).toEqual([["2031-06-01T00:00:00Z", "2031-07-01T00:00:00Z", 3100]]);
  });

  test("a billing anchor without prorations leaves the time before it free, and credits nothing for it", async () => {
    const subscription = await create({
      billing_cycle_anchor: seconds("2031-06-01T00:00:00Z"),
      proration_behavior: "none",
    });
    expect(linesOf(subscription)).toEqual([["2031-05-15T00:00:00Z", "2031-06-01T00:00:00Z", 0]]);
    await stripe.subscriptions.cancel(subscription.id, { prorate: true, invoice_now: true });
    expect((await all(stripe.invoices.list({ customer }))).map(({ total }) => total)).toEqual([0]);
  });

  test("canceling in the prorated first period credits the share of the whole period", async () => {
    const subscription = await create({ billing_cycle_anchor: seconds("2031-06-01T00:00:00Z") });
    await goTo("2031-05-22T00:00:00Z");
    await stripe.subscriptions.cancel(subscription.id, { prorate: true, invoice_now: true });
    const [credit] = await all(stripe.invoices.list({ customer }));
    expect(credit?.total).toBe(-1000);
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -1000 });
  });

  test("a trial is followed by a prorated period up to the billing anchor", async () => {
    const subscription = await create({
      trial_end: seconds("2031-05-22T00:00:00Z"),
      billing_cycle_anchor: seconds("2031-06-01T00:00:00Z"),
    });
    expect(subscription.status).toBe("trialing");
    await goTo("2031-05-22T01:00:00Z");
    const started = await stripe.subscriptions.retrieve(subscription.id, { expand: ["latest_invoice"] });
    expect(linesOf(started)).toEqual([["2031-05-22T00:00:00Z", "2031-06-01T00:00:00Z", 1000]]);
  });

  test("a billing anchor can be configured by day of month and time", async () => {
    const subscription = await create({ billing_cycle_anchor_config: { day_of_month: 31, hour: 6 } });
    expect(iso(subscription.billing_cycle_anchor)).toBe("2031-05-31T06:00:00Z");
  });

  test("a billing anchor beyond the next natural billing date or in the past is rejected", async () => {
    const late = await failureOf(create({ billing_cycle_anchor: seconds("2031-06-16T00:00:00Z") }));
    expect([late.param, late.message]).toEqual([
      "billing_cycle_anchor",
      expect.stringContaining("cannot be later than next natural billing date"),
    ]);
    const past = await failureOf(create({ billing_cycle_anchor: seconds("2031-05-01T00:00:00Z") }));
    expect(past.param).toBe("billing_cycle_anchor");
  });
});

describe("backdated subscriptions", () => {
  test("a backdated subscription bills each elapsed period with its own line", async () => {
    const subscription = await create({ backdate_start_date: seconds("2031-04-01T00:00:00Z") });
    expect(iso(subscription.start_date)).toBe("2031-04-01T00:00:00Z");
    expect(linesOf(subscription)).toEqual([
      // 14 of the 31 days from March 15 to April 15.
      ["2031-04-01T00:00:00Z", "2031-04-15T00:00:00Z", 1400],
      ["2031-04-15T00:00:00Z", "2031-05-15T00:00:00Z", 3100],
      ["2031-05-15T00:00:00Z", "2031-06-15T00:00:00Z", 3100],
    ]);
    expect(periodOf(subscription)).toEqual(["2031-05-15T00:00:00Z", "2031-06-15T00:00:00Z"]);
  });

  test("a backdated start with an anchor bills up to the anchor", async () => {
    const subscription = await create({
      backdate_start_date: seconds("2031-05-11T00:00:00Z"),
      billing_cycle_anchor: seconds("2031-06-01T00:00:00Z"),
    });
    expect(linesOf(subscription)).toEqual([["2031-05-11T00:00:00Z", "2031-06-01T00:00:00Z", 2100]]);
  });

  test("a backdated subscription without prorations bills the current period only", async () => {
    const subscription = await create({
      backdate_start_date: seconds("2031-04-01T00:00:00Z"),
      proration_behavior: "none",
    });
    expect(linesOf(subscription)).toEqual([["2031-05-15T00:00:00Z", "2031-06-15T00:00:00Z", 3100]]);
  });

  test("a backdated start in the future is rejected", async () => {
    const error = await failureOf(create({ backdate_start_date: seconds("2031-06-01T00:00:00Z") }));
    expect(error.param).toBe("backdate_start_date");
  });
});

describe("balances of customers with several currencies", () => {
  test("a balance applies only to invoices of its own currency", async () => {
    await stripe.customers.createBalanceTransaction(customer, { amount: -500, currency: "usd" });
    await stripe.customers.createBalanceTransaction(customer, { amount: -40, currency: "jpy" });
    const bill = async (currency: string, amount: number) => {
      const draft = await stripe.invoices.create({ customer, currency });
      await stripe.invoiceItems.create({ customer, currency, amount, invoice: draft.id });
      return stripe.invoices.finalizeInvoice(draft.id);
    };
    expect((await bill("eur", 10_000)).amount_due).toBe(10_000);
    expect((await bill("jpy", 1900)).amount_due).toBe(1860);
    expect((await bill("usd", 2000)).amount_due).toBe(1500);
    const after = await stripe.customers.retrieve(customer, { expand: ["invoice_credit_balance"] });
    expect(after).toMatchObject({ balance: 0, currency: "usd", invoice_credit_balance: {} });
  });
});
