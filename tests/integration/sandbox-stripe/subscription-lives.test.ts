import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  changeCard,
  createPlan,
  failureOf,
  type SandboxClient,
  startSandbox,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
let pro: Awaited<ReturnType<typeof createPlan>>;
let customer: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.stripe;
  pro = await createPlan(stripe, "Pro", 3100);
  await sandbox.control("clock/advance", { to: "2031-01-01T00:00:00Z" });
  customer = (
    await stripe.customers.create({
      payment_method: "pm_card_visa",
      invoice_settings: { default_payment_method: "pm_card_visa" },
    })
  ).id;
});
afterEach(() => sandbox.stop());

const day = 86_400;
const advanceDays = (days: number) => sandbox.control("clock/advance", { seconds: days * day });
const begin = (more: Partial<Stripe.SubscriptionCreateParams> = {}) =>
  stripe.subscriptions.create({ customer, items: [{ price: pro.month.id }], ...more });
const totals = async () =>
  (await all(stripe.invoices.list({ customer }))).map(({ total }) => total).reverse();
const types = async (pattern: string) =>
  (await all(stripe.events.list({ type: pattern }))).map(({ type }) => type).reverse();

describe("pausing a subscription", () => {
  test("a pause credits unused time and bills nothing; resuming starts a new period", async () => {
    const { id, items } = await begin();
    await advanceDays(10);
    const paused = await stripe.subscriptions.pause(id);
    expect(paused).toMatchObject({
      status: "paused",
      status_details: { paused: { subscription: { type: "pause_requested" } } },
    });
    await advanceDays(90);
    expect(await totals()).toEqual([3100]);
    const resumed = await stripe.subscriptions.resume(id);
    expect(resumed).toMatchObject({ status: "active" });
    expect(resumed.status_details).toBeUndefined();
    expect(resumed.items.data[0]?.current_period_start).toBeGreaterThan(
      items.data[0]?.current_period_end ?? 0,
    );
    // 21 of 31 days were credited, within the seconds of the test.
    const [, bill] = await totals();
    expect(Math.abs((bill ?? 0) - 1000)).toBeLessThanOrEqual(1);
    expect(await types("customer.subscription.paused")).toHaveLength(1);
    expect(await types("customer.subscription.resumed")).toHaveLength(1);
  });

  test("a resumption that requires payment takes effect when it is paid", async () => {
    const { id } = await begin();
    await stripe.subscriptions.pause(id, { bill_for: { unused_time_from: { type: "none" } } });
    await changeCard(stripe, customer, "pm_card_chargeCustomerFail");
    await advanceDays(40);
    const waiting = await stripe.subscriptions.resume(id, { payment_behavior: "resume_on_payment_success" });
    expect(waiting.status).toBe("paused");
    await advanceDays(1);
    expect((await stripe.invoices.retrieve(String(waiting.latest_invoice))).status).toBe("void");
    const again = await stripe.subscriptions.resume(id, { payment_behavior: "resume_on_payment_success" });
    await changeCard(stripe, customer, "pm_card_visa");
    await stripe.invoices.pay(String(again.latest_invoice));
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("active");
  });
});

describe("paused collection", () => {
  test.each([
    ["keep_as_draft", "draft"],
    ["mark_uncollectible", "uncollectible"],
    ["void", "void"],
  ] as const)("pause_collection %s leaves invoices %s and ends by itself", async (behavior, status) => {
    const { id } = await begin();
    const resumesAt = Date.parse("2031-02-20T00:00:00Z") / 1000;
    await stripe.subscriptions.update(id, { pause_collection: { behavior, resumes_at: resumesAt } });
    await advanceDays(40);
    expect((await stripe.invoices.list({ customer, limit: 1 })).data[0]?.status).toBe(status);
    await advanceDays(30);
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({
      status: "active",
      pause_collection: null,
    });
    expect((await stripe.invoices.list({ customer, limit: 1 })).data[0]?.status).toBe("paid");
  });
});

describe("immediate cancellation", () => {
  test("an immediate cancellation with prorate credits unused time on a final invoice", async () => {
    const { id } = await begin();
    await advanceDays(10);
    await stripe.subscriptions.cancel(id, { prorate: true, invoice_now: true });
    const [, last] = await totals();
    expect(Math.abs((last ?? 0) + 2100)).toBeLessThanOrEqual(1);
    const credited = await stripe.customers.retrieve(customer);
    expect(credited.deleted ? 0 : credited.balance).toBe(last);
  });

  test("an immediate cancellation without a final invoice discards pending prorations", async () => {
    const { id, items } = await begin();
    await advanceDays(10);
    await stripe.subscriptionItems.update(items.data[0]?.id ?? "", { quantity: 3 });
    await stripe.subscriptions.cancel(id);
    expect(await types("invoiceitem.deleted")).toHaveLength(2);
    expect(await totals()).toEqual([3100]);
  });
});

describe("after the last retry", () => {
  test.each(["unpaid", "past_due"] as const)(
    "a subscription becomes %s if the account is configured so",
    async (choice) => {
      await sandbox.control("account", { afterLastRetry: choice });
      const { id } = await begin();
      await changeCard(stripe, customer, "pm_card_chargeCustomerFail");
      await advanceDays(31 + 16);
      expect((await stripe.subscriptions.retrieve(id)).status).toBe(choice);
      await changeCard(stripe, customer, "pm_card_visa");
      const [open] = (await stripe.invoices.list({ customer, status: "open" })).data;
      await stripe.invoices.pay(open?.id ?? "");
      expect((await stripe.subscriptions.retrieve(id)).status).toBe("active");
    },
  );

  test("an unpaid subscription creates draft invoices only", async () => {
    await sandbox.control("account", { afterLastRetry: "unpaid" });
    await begin();
    await changeCard(stripe, customer, "pm_card_chargeCustomerFail");
    await advanceDays(31 + 35);
    const [draft] = (await stripe.invoices.list({ customer, limit: 1 })).data;
    expect(draft).toMatchObject({ status: "draft", auto_advance: false });
  });
});

describe("sent invoices", () => {
  test("a sent invoice is due after days_until_due, becomes overdue and can be paid manually", async () => {
    const { id, status } = await begin({ collection_method: "send_invoice", days_until_due: 7 });
    expect(status).toBe("active");
    await sandbox.control("clock/advance", { seconds: 3700 });
    const [sent] = (await stripe.invoices.list({ customer })).data;
    expect(sent).toMatchObject({ status: "open", collection_method: "send_invoice", attempt_count: 0 });
    expect(await types("invoice.sent")).toHaveLength(1);
    await advanceDays(7);
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("past_due");
    expect(await types("invoice.overdue")).toHaveLength(1);
    await stripe.invoices.pay(sent?.id ?? "", { paid_out_of_band: true });
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("active");
  });
});

describe("subscription changes", () => {
  test("an unpaid change with allow_incomplete makes the subscription past due until it is paid", async () => {
    const { id, items } = await begin();
    const changed = await stripe.subscriptions.update(id, {
      items: [{ id: items.data[0]?.id ?? "", quantity: 4 }],
      proration_behavior: "always_invoice",
      payment_behavior: "default_incomplete",
    });
    expect(changed.status).toBe("past_due");
    await stripe.invoices.pay(String(changed.latest_invoice));
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("active");
  });

  test("a one-time price is added to the next invoice, and items can be added and removed", async () => {
    const once = await stripe.prices.create({ product: pro.product.id, currency: "usd", unit_amount: 500 });
    const { id } = await begin({ add_invoice_items: [{ price: once.id }] });
    expect(await totals()).toEqual([3600]);
    const seat = await stripe.prices.create({
      product: pro.product.id,
      currency: "usd",
      unit_amount: 1000,
      recurring: { interval: "month" },
    });
    const item = await stripe.subscriptionItems.create({
      subscription: id,
      price: seat.id,
      proration_behavior: "none",
    });
    expect((await all(stripe.subscriptionItems.list({ subscription: id }))).map((row) => row.id)).toContain(
      item.id,
    );
    expect((await stripe.invoices.createPreview({ subscription: id })).total).toBe(4100);
    await stripe.subscriptionItems.del(item.id, { proration_behavior: "none" });
    expect((await failureOf(stripe.subscriptionItems.retrieve(item.id))).statusCode).toBe(404);
    await stripe.subscriptions.update(id, { add_invoice_items: [{ price: once.id, quantity: 2 }] });
    await advanceDays(32);
    expect(await totals()).toEqual([3600, 4100]);
  });

  test("moving the trial end moves the period and sends trial_will_end for the new date", async () => {
    const { id } = await begin({ trial_period_days: 5 });
    const later = Date.parse("2031-01-21T00:00:00Z") / 1000;
    const moved = await stripe.subscriptions.update(id, { trial_end: later });
    expect(moved).toMatchObject({ status: "trialing", trial_end: later, billing_cycle_anchor: later });
    await advanceDays(19);
    const notices = await all(stripe.events.list({ type: "customer.subscription.trial_will_end" }));
    expect(notices.map(({ created }) => created)).toEqual([later - 3 * day]);
    expect((await stripe.subscriptions.retrieve(id)).status).toBe("trialing");
  });

  test("cancel_at accepts the period end instead of a timestamp", async () => {
    const { id, items } = await begin();
    const ending = await stripe.subscriptions.update(id, { cancel_at: "min_period_end" });
    expect(ending).toMatchObject({
      cancel_at: items.data[0]?.current_period_end,
      cancel_at_period_end: false,
    });
  });
});

describe("subscription schedules", () => {
  test("a new schedule starts its subscription on the start date and ends it after the last phase", async () => {
    const start = Date.parse("2031-01-05T00:00:00Z") / 1000;
    const schedule = await stripe.subscriptionSchedules.create({
      customer,
      start_date: start,
      end_behavior: "cancel",
      phases: [
        { items: [{ price: pro.month.id }], duration: { interval: "month", interval_count: 1 } },
        { items: [{ price: pro.month.id, quantity: 2 }], duration: { interval: "month", interval_count: 1 } },
      ],
    });
    expect([schedule.status, schedule.subscription]).toEqual(["not_started", null]);
    await advanceDays(10);
    const running = await stripe.subscriptionSchedules.retrieve(schedule.id, { expand: ["subscription"] });
    expect(running).toMatchObject({
      status: "active",
      subscription: { status: "active", start_date: start, schedule: schedule.id },
    });
    await advanceDays(70);
    expect((await stripe.subscriptionSchedules.retrieve(schedule.id)).status).toBe("completed");
    expect(
      (await all(stripe.subscriptions.list({ customer, status: "all" }))).map(({ status }) => status),
    ).toEqual(["canceled"]);
    expect(await totals()).toEqual([3100, 6200]);
    expect(await types("subscription_schedule.*")).toEqual([
      "subscription_schedule.created",
      "subscription_schedule.updated",
      "subscription_schedule.updated",
      "subscription_schedule.expiring",
      "subscription_schedule.completed",
    ]);
  });

  test("a schedule blocks changes to the subscription's end, is canceled with it and can be released", async () => {
    const { id } = await begin();
    const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id });
    expect(
      (await failureOf(stripe.subscriptions.update(id, { cancel_at_period_end: true }))).message,
    ).toContain(`managed by the subscription schedule \`${schedule.id}\``);
    await stripe.subscriptionSchedules.release(schedule.id);
    expect((await stripe.subscriptions.retrieve(id)).schedule).toBeNull();
    const second = await stripe.subscriptionSchedules.create({ from_subscription: id });
    await stripe.subscriptions.cancel(id);
    expect((await stripe.subscriptionSchedules.retrieve(second.id)).status).toBe("canceled");
  });
});
