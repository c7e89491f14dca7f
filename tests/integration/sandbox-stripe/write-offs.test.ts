import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  changeCard,
  createPlan,
  payingCustomer,
  type SandboxClient,
  startSandbox,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
let price: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  ({ stripe } = sandbox);
  price = (await createPlan(stripe, "Pro", 1900)).month.id;
});
afterEach(() => sandbox.stop());

const statusOf = async (id: string) => (await stripe.subscriptions.retrieve(id)).status;
const isDelinquent = async (id: string) => {
  const customer = await stripe.customers.retrieve(id);
  return customer.deleted ? null : customer.delinquent;
};
const nextMonth = async () => {
  await sandbox.control("clock/advance", { months: 1 });
  await sandbox.control("clock/advance", { seconds: 3600 });
};

/** A subscription whose renewal was declined. */
async function failedRenewal() {
  const { subscription, customer } = await subscribe(stripe, price);
  await changeCard(stripe, customer, "pm_card_chargeCustomerFail");
  await nextMonth();
  const invoice = String((await stripe.subscriptions.retrieve(subscription.id)).latest_invoice);
  return { id: subscription.id, customer, invoice };
}

describe("invoices that will not be paid", () => {
  test("an invoice marked uncollectible makes its subscription active and states the reason", async () => {
    const { id, customer, invoice } = await failedRenewal();
    expect([await statusOf(id), await isDelinquent(customer)]).toEqual(["past_due", true]);
    expect(await stripe.invoices.markUncollectible(invoice)).toMatchObject({
      status: "uncollectible",
      status_details: { uncollectible: { reason: "user_forgiven" } },
    });
    expect([await statusOf(id), await isDelinquent(customer)]).toEqual(["active", false]);
    const [event] = (await stripe.events.list({ type: "customer.subscription.updated" })).data;
    expect(event?.data).toMatchObject({ previous_attributes: { status: "past_due" } });
  });

  test("an uncollectible invoice loses its reason when it is paid", async () => {
    const { customer, invoice } = await failedRenewal();
    await stripe.invoices.markUncollectible(invoice);
    await changeCard(stripe, customer, "pm_card_visa");
    const paid = await stripe.invoices.pay(invoice);
    expect([paid.status, paid.status_details]).toEqual(["paid", undefined]);
  });

  test("a voided invoice does not count: the subscription follows the one before it", async () => {
    const { id, invoice } = await failedRenewal();
    await stripe.invoices.voidInvoice(invoice);
    expect(await statusOf(id)).toBe("active");
  });

  test("a voided invoice leaves the subscription past due while the one before it is open", async () => {
    const { id, invoice } = await failedRenewal();
    await sandbox.control("account", { afterLastRetry: "past_due" });
    await nextMonth();
    const second = String((await stripe.subscriptions.retrieve(id)).latest_invoice);
    expect(second).not.toBe(invoice);
    await stripe.invoices.voidInvoice(second);
    expect(await statusOf(id)).toBe("past_due");
  });

  test("only the latest invoice decides: paying it recovers, paying an older one does not", async () => {
    const { id, customer, invoice } = await failedRenewal();
    await sandbox.control("account", { afterLastRetry: "past_due" });
    await nextMonth();
    const second = String((await stripe.subscriptions.retrieve(id)).latest_invoice);
    const card = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    await stripe.invoices.pay(invoice, { payment_method: card.id });
    expect(await statusOf(id)).toBe("past_due");
    await stripe.invoices.pay(second, { payment_method: card.id });
    expect(await statusOf(id)).toBe("active");
  });

  test("an invoice that paused collection writes off states that reason", async () => {
    const customer = await payingCustomer(stripe);
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price }] });
    await stripe.subscriptions.update(id, { pause_collection: { behavior: "mark_uncollectible" } });
    await nextMonth();
    const { latest_invoice: latest } = await stripe.subscriptions.retrieve(id);
    expect(await stripe.invoices.retrieve(String(latest))).toMatchObject({
      status: "uncollectible",
      status_details: { uncollectible: { reason: "subscription_paused" } },
    });
    expect(await statusOf(id)).toBe("active");
  });
});
