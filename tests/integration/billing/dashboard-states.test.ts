import type Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cancelAtPeriodEnd } from "#lib/billing/actions/cancel.ts";
import { finishCheckout, startCheckout, startTopUp } from "#lib/billing/actions/checkout.ts";
import { payInvoice } from "#lib/billing/actions/pay-invoice.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import { ensureCustomer } from "#lib/billing/customer/customers.ts";
import { listDrift } from "#lib/billing/operator/drift-list.ts";
import { auditNow } from "#lib/billing/reconcile/run-audit.ts";
import { readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { readBalance } from "#lib/usage/balance.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  payCheckout,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { spendCredit } from "#tests/integration/billing/spend-credit.ts";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { sumsOf } from "#tests/integration/usage/workspace.ts";

// States that only an administrator or another payment method brings about: what the screens say and offer.

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

const dayS = 86_400;
const overview = () =>
  readBillingOverview(testEnv.db, { workspaceId: ada.workspaceId, workspaceCreatedAt: now() }, now());
const available = async () => (await readBalance(testEnv.db, ada.workspaceId, now())).availableMicros;
const travelTo = (second: number) => testEnv.travel(new Date(second * 1_000).toISOString());
const newCustomer = () =>
  withCustomerLock(ada.workspaceId, (tx) => ensureCustomer(tx, ada.workspaceId, now()));

async function subscriptionOf(customer: string): Promise<Stripe.Subscription> {
  const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
  if (subscription === undefined) throw new Error("There is no subscription.");
  return subscription;
}
const periodEnd = ({ items }: Stripe.Subscription) => items.data[0]?.current_period_end ?? 0;

async function failRenewal(customer: string): Promise<Stripe.Invoice> {
  await changeCard(testEnv.stripe, customer, "pm_card_chargeCustomerFail");
  await travelTo(periodEnd(await subscriptionOf(customer)) + 2 * 3_600);
  const [open] = (await testEnv.stripe.invoices.list({ customer, status: "open" })).data;
  if (open === undefined) throw new Error("There is no open invoice.");
  return open;
}

describe("B10: a moved trial", () => {
  async function startTrial(): Promise<{ customer: string; end: number }> {
    const customer = await newCustomer();
    const [price] = (await testEnv.stripe.prices.list({ lookup_keys: ["pro_month"] })).data;
    const items = [{ price: price?.id ?? "" }];
    const card = await testEnv.stripe.paymentMethods.attach("pm_card_visa", { customer });
    const subscription = await testEnv.stripe.subscriptions.create({
      ...{ customer, items, trial_period_days: 14, default_payment_method: card.id },
    });
    await syncCustomer(customer);
    return { customer, end: subscription.trial_end ?? 0 };
  }

  it("B10: a trial that is extended on day 10 keeps its credit until the new end", async () => {
    const { customer, end } = await startTrial();
    await spendCredit(testEnv, ada, 1_000_000);
    await travelTo(end - 4 * dayS);
    const { id } = await subscriptionOf(customer);
    await testEnv.stripe.subscriptions.update(id, {
      ...{ trial_end: end + 14 * dayS, proration_behavior: "none" },
    });
    await syncCustomer(customer);
    await travelTo(end + 13 * dayS);
    await syncCustomer(customer);
    expect((await overview()).entitlements).toMatchObject({ source: "trial" });
    expect(await available()).toBe(4_000_000);
  });

  it("B10: credit that expired before the extension was known returns", async () => {
    const { customer, end } = await startTrial();
    const { id } = await subscriptionOf(customer);
    await testEnv.stripe.subscriptions.update(id, {
      ...{ trial_end: end + 14 * dayS, proration_behavior: "none" },
    });
    await travelTo(end + dayS);
    await testEnv.sql`select expire_grants(${ada.workspaceId}, ${now().toISOString()})`;
    expect(await available()).toBe(0);
    await syncCustomer(customer);
    await syncCustomer(customer);
    expect(await available()).toBe(5_000_000);
    expect(await sumsOf(testEnv, ada.workspaceId)).toMatchObject({ brokenGrants: 0, grantEntriesOff: 0 });
  });

  it("B10: a trial whose plan is removed or that ends has no credit, and has it again when it starts anew", async () => {
    const { customer, end } = await startTrial();
    const { id, items } = await subscriptionOf(customer);
    const pro = items.data[0];
    const support = await testEnv.stripe.prices.create({
      ...{ currency: "usd", unit_amount: 0, recurring: { interval: "month" } },
      product_data: { name: "Support" },
    });
    await testEnv.stripe.subscriptionItems.create({ subscription: id, price: support.id });
    await testEnv.stripe.subscriptionItems.del(pro?.id ?? "");
    await syncCustomer(customer);
    expect(await available()).toBe(0);
    expect((await auditNow(ada.workspaceId))?.findings).toEqual([]);
    await testEnv.stripe.subscriptionItems.create({ subscription: id, price: pro?.price.id ?? "" });
    await syncCustomer(customer);
    expect(await available()).toBe(5_000_000);
    await testEnv.stripe.subscriptions.update(id, { trial_end: "now" });
    await syncCustomer(customer);
    expect(await available()).toBe(15_000_000);
    await testEnv.stripe.subscriptions.update(id, { trial_end: end, proration_behavior: "none" });
    await syncCustomer(customer);
    await syncCustomer(customer);
    expect(await available()).toBe(20_000_000);
    expect((await auditNow(ada.workspaceId))?.findings).toEqual([]);
  });

  it("B10, M13: a first period that costs less than the grace credit spent before it is paid without error", async () => {
    const customer = await newCustomer();
    const [price] = (await testEnv.stripe.prices.list({ lookup_keys: ["pro_month"] })).data;
    const card = await testEnv.stripe.paymentMethods.attach("pm_card_visa", { customer });
    const at = Math.floor(now().getTime() / 1_000);
    const { trial_end: end } = await testEnv.stripe.subscriptions.create({
      ...{ customer, items: [{ price: price?.id ?? "" }], default_payment_method: card.id },
      ...{ trial_end: at + dayS, billing_cycle_anchor: at + 2 * dayS },
    });
    await syncCustomer(customer);
    await changeCard(testEnv.stripe, customer, "pm_card_chargeCustomerFail");
    await travelTo((end ?? 0) + 2 * 3_600);
    await syncCustomer(customer);
    expect(await available()).toBe(1_500_000);
    await spendCredit(testEnv, ada, 1_500_000);
    await changeCard(testEnv.stripe, customer, "pm_card_visa");
    const [open] = (await testEnv.stripe.invoices.list({ customer, status: "open" })).data;
    await testEnv.stripe.invoices.pay(open?.id ?? "");
    await syncCustomer(customer);
    expect(await available()).toBe(0);
    expect((await auditNow(ada.workspaceId))?.findings).toEqual([]);
  });

  it("B10: a trial that is shortened ends its credit", async () => {
    const { customer, end } = await startTrial();
    const { id } = await subscriptionOf(customer);
    await testEnv.stripe.subscriptions.update(id, { trial_end: end - 7 * dayS, proration_behavior: "none" });
    await syncCustomer(customer);
    await travelTo(end - 7 * dayS + 7_200);
    await syncCustomer(customer);
    expect(await available()).toBe(15_000_000);
  });
});

describe("B12: invoices in other currencies", () => {
  it.each([
    ["eur", 10_000, 100_000_000],
    ["jpy", 1_900, 1_900_000_000],
  ])("B12: an invoice in %s is shown and paid in its own currency", async (currency, amount, micros) => {
    const customer = await newCustomer();
    await changeCard(testEnv.stripe, customer, "pm_card_visa");
    const invoice = await testEnv.stripe.invoices.create({ customer, currency, auto_advance: false });
    await testEnv.stripe.invoiceItems.create({
      ...{ customer, currency, amount, invoice: invoice.id, description: "Workshop" },
    });
    await testEnv.stripe.invoices.finalizeInvoice(invoice.id);
    await syncCustomer(customer);
    const [shown] = (await overview()).invoices;
    expect(shown).toMatchObject({ currency, totalMicros: micros, dueMicros: micros });
    const paid = { invoiceId: invoice.id, amountMicros: micros, cardLast4: "4242" };
    await expect(payInvoice(ada, { ...paid, amountMicros: micros + 1 }, now())).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await payInvoice(ada, paid, now())).toEqual({ state: "paid" });
    const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
    expect(charge).toMatchObject({ amount, currency });
  });
});

describe("B15: paused collection of payments", () => {
  it.each(["void", "keep_as_draft", "mark_uncollectible"] as const)(
    "B15: while payments are paused (%s), no payment and no credit is promised",
    async (behavior) => {
      const customer = await subscribe(testEnv, ada, "pro_month");
      const subscription = await subscriptionOf(customer);
      await testEnv.stripe.subscriptions.update(subscription.id, { pause_collection: { behavior } });
      await syncCustomer(customer);
      for (const days of [0, 1, 20]) {
        await travelTo(periodEnd(subscription) - dayS + days * dayS + 7_200);
        await syncCustomer(customer);
        const shown = await overview();
        expect(shown.nextPayment).toBeNull();
        expect(shown.creditWait).toBe("paused");
        expect(shown.subscription?.collectionPause).toEqual({ resumesAt: null });
        expect(shown.entitlements.plan).toBe("pro");
        expect(await available()).toBe(days === 0 ? 15_000_000 : 0);
      }
      await testEnv.stripe.subscriptions.update(subscription.id, { pause_collection: "" });
      await syncCustomer(customer);
      expect((await overview()).nextPayment?.micros).toBe(19_000_000);
    },
  );

  it("B15: a pause that ends before the next payment changes nothing", async () => {
    const customer = await subscribe(testEnv, ada, "pro_month");
    const subscription = await subscriptionOf(customer);
    const resumes_at = periodEnd(subscription) - dayS;
    await testEnv.stripe.subscriptions.update(subscription.id, {
      pause_collection: { behavior: "void", resumes_at },
    });
    await syncCustomer(customer);
    expect(await overview()).toMatchObject({ nextPayment: { micros: 19_000_000 }, creditWait: null });
  });
});

describe("B16: the last retry failed", () => {
  async function becomeUnpaid(): Promise<{ customer: string; invoice: Stripe.Invoice }> {
    const customer = await subscribe(testEnv, ada, "pro_month");
    await testEnv.control("account", { afterLastRetry: "unpaid" });
    const invoice = await failRenewal(customer);
    await travelTo(invoice.created + 40 * dayS);
    await syncCustomer(customer);
    return { customer, invoice };
  }

  it("B16: the open invoice can be paid, and the plan can be ended", async () => {
    const { customer, invoice } = await becomeUnpaid();
    const shown = await overview();
    expect(shown.subscription?.status).toBe("unpaid");
    expect(shown.problem).toMatchObject({ invoiceId: invoice.id, micros: 19_000_000 });
    await expect(startCheckout(ada, "pro_month", now())).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/unpaid.*Pay it.*or cancel/),
    });
    await cancelAtPeriodEnd(ada, now());
    expect((await testEnv.stripe.subscriptions.list({ customer, status: "all" })).data[0]?.status).toBe(
      "canceled",
    );
    await expect(startCheckout(ada, "pro_month", now())).resolves.toBeDefined();
  });
});

describe("B8: money that nobody paid", () => {
  it("B8: canceling an unpaid period with proration is told to the operator", async () => {
    const customer = await subscribe(testEnv, ada, "pro_month");
    await failRenewal(customer);
    const { id } = await subscriptionOf(customer);
    await testEnv.stripe.subscriptions.cancel(id, { prorate: true, invoice_now: true });
    await syncCustomer(customer);
    const findings = await listDrift(testEnv.db, { state: "open", customerId: customer }, 10);
    expect(findings.flatMap(({ differences }) => differences)).toMatchObject([
      { what: `Returned time of subscription ${id}` },
    ]);
    expect(alerts).toHaveLength(1);
    // The auditor reads the customer's balance itself.
    const audit = async () => (await auditNow(ada.workspaceId))?.findings.map(({ kind }) => kind);
    expect(await audit()).toEqual([]);
    await testEnv.sql`delete from billing_drift`;
    expect(await audit()).toEqual(["undecided"]);
    const debit = { amount: 1_900, currency: "usd", description: "Correction" };
    await testEnv.stripe.customers.createBalanceTransaction(customer, debit);
    await syncCustomer(customer);
    expect(await audit()).toEqual([]);
    expect(await listDrift(testEnv.db, { state: "open", customerId: customer }, 10)).toEqual([]);
  });

  it("B8: invoices that are paid from a balance that an administrator gave are paid", async () => {
    const customer = await subscribe(testEnv, ada, "pro_month");
    for (const amount of [-2_500, 300])
      await testEnv.stripe.customers.createBalanceTransaction(customer, { amount, currency: "usd" });
    const { items } = await subscriptionOf(customer);
    await testEnv.travel(
      new Date((items.data[0]?.current_period_end ?? 0) * 1_000 + 7_200_000).toISOString(),
    );
    await syncCustomer(customer);
    const [renewal] = (await testEnv.stripe.invoices.list({ customer })).data;
    expect(renewal).toMatchObject({ status: "paid", amount_paid: 0, total: 1_900 });
    expect(await available()).toBe(15_000_000);
    expect((await auditNow(ada.workspaceId))?.findings).toEqual([]);
    // Returned to the balance by a credit note, it is not paid any more.
    await testEnv.stripe.creditNotes.create({
      invoice: renewal?.id ?? "",
      amount: 1_900,
      credit_amount: 1_900,
    });
    expect((await auditNow(ada.workspaceId))?.findings).toMatchObject([
      { kind: "plan_credit", expected: "$15.00" },
    ]);
    await syncCustomer(customer);
    expect((await auditNow(ada.workspaceId))?.findings).toEqual([]);
  });
});

describe("B17: purchases that Stripe refuses", () => {
  it("B17: a customer of another currency learns why, and the operator is told", async () => {
    const customer = await newCustomer();
    const card = await testEnv.stripe.paymentMethods.attach("pm_card_visa", { customer });
    const { id: product } = await testEnv.stripe.products.create({ name: "Gold support" });
    const price = await testEnv.stripe.prices.create({
      ...{ product, currency: "eur", unit_amount: 900, recurring: { interval: "month" } },
    });
    await testEnv.stripe.subscriptions.create({
      ...{ customer, items: [{ price: price.id }], default_payment_method: card.id },
    });
    await expect(startCheckout(ada, "pro_month", now())).rejects.toMatchObject({
      code: "purchase_refused",
      message: expect.stringContaining("billed in EUR"),
    });
    expect(alerts.map(({ title }) => title)).toContainEqual("Stripe refused a purchase");
  });

  it("B17: an archived price is a refusal of its own, and the operator is told", async () => {
    const [price] = (await testEnv.stripe.prices.list({ lookup_keys: ["top_up_5"] })).data;
    await testEnv.stripe.prices.update(price?.id ?? "", { active: false });
    await expect(startTopUp(ada, "top_up_5", now())).rejects.toMatchObject({
      code: "purchase_refused",
      message: expect.stringContaining("isn’t for sale"),
    });
    expect(alerts.map(({ detail }) => detail)).toContainEqual(expect.stringContaining("top_up_5"));
    await testEnv.stripe.prices.update(price?.id ?? "", { active: true });
  });
});

describe("B18: a renewal that was given up", () => {
  it.each(["markUncollectible", "voidInvoice"] as const)(
    "B18: after %s no payment is promised that does not exist",
    async (giveUp) => {
      const customer = await subscribe(testEnv, ada, "pro_month");
      const invoice = await failRenewal(customer);
      await syncCustomer(customer);
      expect(await overview()).toMatchObject({ creditWait: "invoice", problem: { invoiceId: invoice.id } });
      await testEnv.stripe.invoices[giveUp](invoice.id);
      await syncCustomer(customer);
      const shown = await overview();
      expect(shown.problem).toBeNull();
      expect(shown.subscription?.status).toBe("active");
      expect(shown.creditWait).toBe("next_payment");
      expect(shown.nextPayment).not.toBeNull();
      expect(await available()).toBe(0);
    },
  );

  it("B18: a sent invoice is what the credit waits for", async () => {
    const customer = await subscribe(testEnv, ada, "pro_month");
    const subscription = await subscriptionOf(customer);
    await testEnv.stripe.subscriptions.update(subscription.id, {
      ...{ collection_method: "send_invoice", days_until_due: 30 },
    });
    await travelTo(periodEnd(subscription) + 7 * dayS);
    await syncCustomer(customer);
    const shown = await overview();
    expect(shown.creditWait).toBe("invoice");
    expect(shown.entitlements).toMatchObject({ plan: "pro", source: "subscription" });
    const open = shown.invoices.find(({ status }) => status === "open");
    expect(open?.dueAt).toBeInstanceOf(Date);
  });
});

describe("B13: payment methods that are slow", () => {
  const openDebitTopUp = async (customer: string) =>
    testEnv.stripe.checkout.sessions.create({
      ...{ mode: "payment", customer, success_url: "http://localhost:3000/billing" },
      allowed_payment_method_types: ["card", "sepa_debit"],
      line_items: [
        {
          price: (await testEnv.stripe.prices.list({ lookup_keys: ["top_up_20"] })).data[0]?.id ?? "",
          quantity: 1,
        },
      ],
      metadata: { lookup_key: "top_up_20", workspace_id: ada.workspaceId },
      invoice_creation: { enabled: true },
    });

  it("B13: a top-up paid by bank debit is unpaid at first, and grants its credit once it has succeeded", async () => {
    const customer = await newCustomer();
    const session = await openDebitTopUp(customer);
    const form = { method: "sepa_debit", iban: "AT321904300235473204", account_name: "Ada" };
    const answer = await fetch(session.url ?? "", {
      ...{ method: "POST", redirect: "manual", body: new URLSearchParams(form) },
    });
    expect(answer.status).toBe(303);
    expect(await finishCheckout(ada.workspaceId, session.id)).toMatchObject({
      ...{ status: "complete", mode: "payment", paymentStatus: "unpaid" },
    });
    expect(await available()).toBe(0);
    await testEnv.travel(new Date(now().getTime() + 600_000).toISOString());
    await syncCustomer(customer);
    expect(await available()).toBe(20_000_000);
  });

  it("B13: a top-up whose bank debit fails grants nothing and is announced by one email", async () => {
    const customer = await newCustomer();
    const session = await openDebitTopUp(customer);
    const form = { method: "sepa_debit", iban: "AT051904300235473205", account_name: "Ada" };
    await fetch(session.url ?? "", {
      ...{ method: "POST", redirect: "manual", body: new URLSearchParams(form) },
    });
    await syncCustomer(customer);
    const failures = () =>
      testEnv.sql`select text from outgoing_mail where unique_key like 'top-up-failed:%'`;
    expect(await failures()).toHaveLength(0);
    await testEnv.travel(new Date(now().getTime() + 600_000).toISOString());
    await syncCustomer(customer);
    await syncCustomer(customer);
    expect(await available()).toBe(0);
    expect(await failures()).toMatchObject([{ text: expect.stringContaining("$20.00") }]);
  });

  it("B13: a card payment is paid at once", async () => {
    await subscribe(testEnv, ada, "pro_month");
    const { url } = await startTopUp(ada, "top_up_5", now());
    expect(url).toBeDefined();
    const other = await addCustomer(testEnv);
    const sessionId = await payCheckout(other, "pro_month");
    expect(await finishCheckout(other.workspaceId, sessionId)).toMatchObject({ paymentStatus: "paid" });
  });
});
