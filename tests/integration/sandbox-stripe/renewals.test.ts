import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  createPlan,
  iso,
  type SandboxClient,
  startSandbox,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let pro: Awaited<ReturnType<typeof createPlan>>;
beforeEach(async () => {
  sandbox = await startSandbox();
  pro = await createPlan(sandbox.stripe, "Pro", 1900);
});
afterEach(() => sandbox.stop());

const goTo = (to: string) => sandbox.control("clock/advance", { to });
const advance = (params: { seconds?: number; months?: number }) => sandbox.control("clock/advance", params);
const retrieve = (id: string) => sandbox.stripe.subscriptions.retrieve(id);
const paidInvoices = async (subscription: string) =>
  (await all(sandbox.stripe.invoices.list({ subscription, status: "paid" }))).reverse();

describe("renewals", () => {
  test("a renewal drafts its invoice at the period end and charges it an hour later, with event times to match", async () => {
    const { stripe } = sandbox;
    const { subscription } = await subscribe(stripe, pro.month.id);
    const end = subscription.items.data[0]?.current_period_end ?? 0;
    await goTo(iso(end));
    const [draft] = (await stripe.invoices.list({ subscription: subscription.id, limit: 1 })).data;
    expect(draft).toMatchObject({
      status: "draft",
      billing_reason: "subscription_cycle",
      created: end,
      automatically_finalizes_at: end + 3600,
      parent: { subscription_details: { subscription: subscription.id } },
    });
    expect(await retrieve(subscription.id)).toMatchObject({ status: "active", latest_invoice: draft?.id });
    await advance({ seconds: 3600 });
    const paid = await stripe.invoices.retrieve(draft?.id ?? "", {
      expand: ["payments.data.payment.payment_intent"],
    });
    expect(paid).toMatchObject({ status: "paid", attempt_count: 1, next_payment_attempt: null });
    expect(paid.payments?.data[0]?.payment.payment_intent).toMatchObject({
      status: "succeeded",
      amount: 1900,
    });
    const events = await all(stripe.events.list({ created: { gte: end } }));
    const times = Object.fromEntries(events.map((event) => [event.type, event.created - end]));
    expect(times).toMatchObject({
      "invoice.created": 0,
      "customer.subscription.updated": 0,
      "invoice.finalized": 3600,
      "invoice.paid": 3600,
      "invoice.payment_succeeded": 3600,
    });
  });

  test("one jump of a year produces the same renewals as single steps", async () => {
    const { subscription } = await subscribe(sandbox.stripe, pro.month.id);
    await advance({ months: 12 });
    await advance({ seconds: 7200 });
    const invoices = await paidInvoices(subscription.id);
    expect(invoices).toHaveLength(13);
    const created = (await all(sandbox.stripe.events.list({ limit: 100 }))).map((event) => event.created);
    expect(created).toEqual(created.toSorted((a, b) => b - a));
  });
});

describe("ending a subscription", () => {
  test("a cancellation at period end takes effect then and not before", async () => {
    const { stripe } = sandbox;
    const { subscription } = await subscribe(stripe, pro.month.id);
    const end = subscription.items.data[0]?.current_period_end ?? 0;
    const ending = await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    expect(ending).toMatchObject({
      status: "active",
      cancel_at_period_end: true,
      cancel_at: end,
      cancellation_details: { reason: "cancellation_requested" },
    });
    // The clock advances by itself, so keep a margin from the boundary.
    await goTo(iso(end - 3600));
    expect((await retrieve(subscription.id)).status).toBe("active");
    await goTo(iso(end));
    expect(await retrieve(subscription.id)).toMatchObject({ status: "canceled", ended_at: end });
    expect(await all(stripe.invoices.list({ subscription: subscription.id }))).toHaveLength(1);
    expect((await stripe.subscriptions.list({ customer: String(subscription.customer) })).data).toEqual([]);
    const [deleted] = (await stripe.events.list({ type: "customer.subscription.deleted" })).data;
    expect(deleted?.created).toBe(end);
  });

  test.each([
    ["the flag", { cancel_at_period_end: false }],
    ["the moment", { cancel_at: "" as const }],
  ])("a scheduled cancellation can be reverted by %s, and the subscription renews", async (_name, params) => {
    const { stripe } = sandbox;
    const { subscription } = await subscribe(stripe, pro.month.id);
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    const resumed = await stripe.subscriptions.update(subscription.id, params);
    expect(resumed).toMatchObject({ cancel_at_period_end: false, cancel_at: null, canceled_at: null });
    await advance({ months: 1 });
    await advance({ seconds: 7200 });
    expect((await retrieve(subscription.id)).status).toBe("active");
    expect(await paidInvoices(subscription.id)).toHaveLength(2);
  });

  test("an immediate cancellation ends the subscription immediately", async () => {
    const { subscription } = await subscribe(sandbox.stripe, pro.month.id);
    const canceled = await sandbox.stripe.subscriptions.cancel(subscription.id);
    expect(canceled.status).toBe("canceled");
    await advance({ months: 3 });
    expect(await paidInvoices(subscription.id)).toHaveLength(1);
  });
});

describe("trials", () => {
  test("a trial sends trial_will_end three days before its end, then charges", async () => {
    const { stripe } = sandbox;
    const { subscription } = await subscribe(stripe, pro.month.id, { trialDays: 14 });
    const trialEnd = subscription.trial_end ?? 0;
    await goTo(iso(trialEnd));
    await advance({ seconds: 3600 });
    const [notice] = (await stripe.events.list({ type: "customer.subscription.trial_will_end" })).data;
    expect(notice?.created).toBe(trialEnd - 3 * 86_400);
    expect(await retrieve(subscription.id)).toMatchObject({
      status: "active",
      billing_cycle_anchor: trialEnd,
    });
    expect((await paidInvoices(subscription.id)).map((invoice) => invoice.total)).toEqual([0, 1900]);
  });

  test("moving a trial's end to tomorrow sends trial_will_end after the update event", async () => {
    const { stripe } = sandbox;
    const { subscription } = await subscribe(stripe, pro.month.id, { trialDays: 14 });
    const trialEnd = (subscription.created ?? 0) + 86_400;
    await stripe.subscriptions.update(subscription.id, { trial_end: trialEnd, proration_behavior: "none" });
    const updates = async () =>
      (
        await stripe.events.list({
          types: ["customer.subscription.updated", "customer.subscription.trial_will_end"],
        })
      ).data;
    await expect.poll(async () => (await updates()).length, { timeout: 10_000 }).toBe(2);
    const [notice, move] = await updates();
    expect([notice?.type, move?.type]).toEqual([
      "customer.subscription.trial_will_end",
      "customer.subscription.updated",
    ]);
    expect(notice?.created).toBeGreaterThanOrEqual(move?.created ?? 0);
  });

  test("a trial canceled early costs nothing", async () => {
    const { stripe } = sandbox;
    const { subscription } = await subscribe(stripe, pro.month.id, { trialDays: 14 });
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    await advance({ months: 2 });
    expect((await retrieve(subscription.id)).status).toBe("canceled");
    expect((await paidInvoices(subscription.id)).map((invoice) => invoice.total)).toEqual([0]);
  });

  test("a trial without a card ends as configured", async () => {
    const { stripe } = sandbox;
    const begin = async (missing: "cancel" | "pause") => {
      const customer = await stripe.customers.create({ email: `${missing}@example.com` });
      return stripe.subscriptions.create({
        customer: customer.id,
        items: [{ price: pro.month.id }],
        trial_period_days: 7,
        trial_settings: { end_behavior: { missing_payment_method: missing } },
      });
    };
    const [toCancel, toPause] = [await begin("cancel"), await begin("pause")];
    await advance({ seconds: 8 * 86_400 });
    expect((await retrieve(toCancel.id)).status).toBe("canceled");
    expect((await retrieve(toPause.id)).status).toBe("paused");
  });
});
