import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  changeCard,
  createPlan,
  failureOf,
  type SandboxClient,
  startSandbox,
  submitCard,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let price: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  price = (await createPlan(sandbox.stripe, "Pro", 1900)).month.id;
});
afterEach(() => sandbox.stop());

const day = 86_400;
const advance = (params: { seconds?: number; months?: number }) => sandbox.control("clock/advance", params);
const goTo = (to: number) => sandbox.control("clock/advance", { to });
const latest = async (subscription: string) => {
  const [invoice] = (await sandbox.stripe.invoices.list({ subscription, limit: 1 })).data;
  if (!invoice) throw new Error("there is an invoice");
  return invoice;
};
const statusOf = async (id: string) => (await sandbox.stripe.subscriptions.retrieve(id)).status;

/** A subscription whose renewal just failed for the first time. */
async function failedRenewal() {
  const { subscription, customer } = await subscribe(sandbox.stripe, price);
  await changeCard(sandbox.stripe, customer, "pm_card_chargeCustomerFail");
  await advance({ months: 1 });
  await advance({ seconds: 3600 });
  return { id: subscription.id, customer, invoice: await latest(subscription.id) };
}

describe("failed renewals", () => {
  test("a failed renewal makes the subscription past due and sets the next attempt", async () => {
    const { id, customer, invoice } = await failedRenewal();
    expect(await statusOf(id)).toBe("past_due");
    expect(invoice).toMatchObject({ status: "open", attempt_count: 1, attempted: true });
    const failedAt = invoice.status_transitions.finalized_at ?? 0;
    expect(invoice.next_payment_attempt).toBe(failedAt + day);
    expect(await sandbox.stripe.customers.retrieve(customer)).toMatchObject({ delinquent: true });
    const types = (await all(sandbox.stripe.events.list({ created: { gte: failedAt } }))).map(
      (event) => event.type,
    );
    for (const type of ["charge.failed", "payment_intent.payment_failed", "invoice.payment_failed"]) {
      expect(types).toContain(type);
    }
  });

  test("a failed renewal is paid at the next attempt after the card was changed", async () => {
    const { id, customer, invoice } = await failedRenewal();
    await changeCard(sandbox.stripe, customer, "pm_card_visa");
    expect(await statusOf(id)).toBe("past_due");
    await advance({ seconds: day });
    expect(await statusOf(id)).toBe("active");
    expect(await sandbox.stripe.invoices.retrieve(invoice.id)).toMatchObject({
      status: "paid",
      attempt_count: 2,
      next_payment_attempt: null,
    });
    expect(await sandbox.stripe.customers.retrieve(customer)).toMatchObject({ delinquent: false });
  });

  test("a failed renewal recovers immediately when the invoice is paid manually", async () => {
    const { id, customer, invoice } = await failedRenewal();
    const error = await failureOf(sandbox.stripe.invoices.pay(invoice.id));
    expect([error.statusCode, error.code]).toEqual([402, "card_declined"]);
    const card = await sandbox.stripe.paymentMethods.attach("pm_card_visa", { customer });
    expect((await sandbox.stripe.invoices.pay(invoice.id, { payment_method: card.id })).status).toBe("paid");
    expect(await statusOf(id)).toBe("active");
  });

  test("a failed renewal can be paid on the hosted invoice page, which then shows nothing due", async () => {
    const { id, invoice } = await failedRenewal();
    const url = invoice.hosted_invoice_url ?? "";
    expect(await (await fetch(url)).text()).toContain("Pay this invoice");
    const refused = await submitCard(url, "4000000000000002");
    expect([refused.status, (await refused.text()).includes("Your card was declined.")]).toEqual([200, true]);
    expect((await submitCard(url, "4242424242424242")).status).toBe(303);
    expect(await statusOf(id)).toBe("active");
    expect(await (await fetch(url)).text()).not.toContain("Pay this invoice");
  });

  test("a failed renewal is retried eight times in two weeks, then the subscription is canceled", async () => {
    const { id, invoice } = await failedRenewal();
    const failedAt = invoice.status_transitions.finalized_at ?? 0;
    // The clock advances by itself, so keep a margin from the boundary.
    await goTo(failedAt + 14 * day - 3600);
    expect(await statusOf(id)).toBe("past_due");
    expect((await latest(id)).attempt_count).toBe(8);
    await goTo(failedAt + 14 * day);
    expect(await sandbox.stripe.subscriptions.retrieve(id)).toMatchObject({
      status: "canceled",
      ended_at: failedAt + 14 * day,
      cancellation_details: { reason: "payment_failed" },
    });
    expect(await latest(id)).toMatchObject({ status: "open", attempt_count: 9, next_payment_attempt: null });
    const failures = await all(sandbox.stripe.events.list({ type: "invoice.payment_failed" }));
    expect(failures.map((event) => (event.created - failedAt) / day).reverse()).toEqual([
      0, 1, 3, 5, 7, 8, 10, 12, 14,
    ]);
    await advance({ months: 3 });
    expect((await latest(id)).attempt_count).toBe(9);
  });

  test("a subscription canceled after the last retry aborts its schedule", async () => {
    const { id, invoice } = await failedRenewal();
    const failedAt = invoice.status_transitions.finalized_at ?? 0;
    await sandbox.stripe.subscriptionSchedules.create({ from_subscription: id });
    await goTo(failedAt + 14 * day);
    expect(await statusOf(id)).toBe("canceled");
    const events = await all(sandbox.stripe.events.list({ type: "subscription_schedule.*" }));
    expect(events.map(({ type }) => type)).toEqual([
      "subscription_schedule.aborted",
      "subscription_schedule.created",
    ]);
  });

  test("a renewal that requires authentication can be confirmed on the invoice page", async () => {
    const { stripe } = sandbox;
    const { subscription, customer } = await subscribe(stripe, price);
    await changeCard(stripe, customer, "pm_card_authenticationRequired");
    await advance({ months: 1 });
    await advance({ seconds: 3600 });
    const invoice = await latest(subscription.id);
    const [event] = (await stripe.events.list({ type: "invoice.payment_action_required" })).data;
    expect(event?.data.object).toMatchObject({ id: invoice.id });
    expect(await statusOf(subscription.id)).toBe("past_due");
    const page = await (await fetch(invoice.hosted_invoice_url ?? "")).text();
    const bank = /href="([^"]+\/authenticate\/[^"]+)"/.exec(page)?.[1] ?? "";
    await fetch(bank, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({ outcome: "complete" }),
    });
    expect((await stripe.invoices.retrieve(invoice.id)).status).toBe("paid");
    expect(await statusOf(subscription.id)).toBe("active");
  });
});

describe("unpaid first invoices", () => {
  test("an unpaid first invoice leaves the subscription incomplete, which expires after 23 hours", async () => {
    const { stripe } = sandbox;
    const customer = await stripe.customers.create({ email: "slow@example.com" });
    const subscription = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price }],
      payment_behavior: "default_incomplete",
      expand: ["latest_invoice.confirmation_secret"],
    });
    expect(subscription).toMatchObject({
      status: "incomplete",
      latest_invoice: { status: "open", confirmation_secret: { type: "payment_intent" } },
    });
    await advance({ seconds: 23 * 3600 });
    expect(await statusOf(subscription.id)).toBe("incomplete_expired");
    expect((await latest(subscription.id)).status).toBe("void");
  });

  test("paying the first invoice late activates the subscription", async () => {
    const { stripe } = sandbox;
    const customer = await stripe.customers.create({ email: "late@example.com" });
    const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
    const subscription = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price }],
      payment_behavior: "default_incomplete",
    });
    const invoice = await latest(subscription.id);
    await stripe.invoices.pay(invoice.id, { payment_method: card.id });
    expect(await statusOf(subscription.id)).toBe("active");
  });
});

describe("the switch that fails the next payment", () => {
  test("the switch fails exactly one payment with any card", async () => {
    const { subscription } = await subscribe(sandbox.stripe, price);
    await sandbox.control("chaos", { failNextCharges: 1 });
    await advance({ months: 1 });
    await advance({ seconds: 3600 });
    expect(await statusOf(subscription.id)).toBe("past_due");
    await advance({ seconds: day });
    expect(await statusOf(subscription.id)).toBe("active");
  });
});
