import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  payingCustomer,
  type SandboxClient,
  startSandbox,
  submitCard,
  submitForm,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
beforeEach(async () => {
  sandbox = await startSandbox();
  ({ stripe } = sandbox);
});
afterEach(() => sandbox.stop());

const paysLater = "AT321904300235473204";
const failsLater = "AT051904300235473205";

async function openSession(
  types: Stripe.Checkout.SessionCreateParams["allowed_payment_method_types"] = ["card", "sepa_debit"],
) {
  const customer = await payingCustomer(stripe);
  const session = await stripe.checkout.sessions.create({
    mode: "payment",
    customer,
    currency: "eur",
    line_items: [
      { price_data: { currency: "eur", unit_amount: 2500, product_data: { name: "Top-up" } }, quantity: 1 },
    ],
    allowed_payment_method_types: types,
    invoice_creation: { enabled: true },
    success_url: "http://shop.example/done",
  });
  return { customer, session, url: session.url ?? "" };
}

const payByDebit = (url: string, iban: string) =>
  submitForm(url, { method: "sepa_debit", iban, account_name: "Ada Lovelace", email: "ada@example.com" });

describe("delayed payments at hosted Checkout", () => {
  test("hosted Checkout offers the payment methods that the session allows", async () => {
    const both = await (await fetch((await openSession()).url)).text();
    expect(both).toContain("SEPA Direct Debit");
    expect(both).toContain("Card number");
    const debitOnly = await (await fetch((await openSession(["sepa_debit"])).url)).text();
    expect(debitOnly).toContain("IBAN");
    expect(debitOnly).not.toContain("Card number");
    const cardOnly = await (await fetch((await openSession(["card"])).url)).text();
    expect(cardOnly).not.toContain("IBAN");
  });

  test("a delayed payment with invoice_creation is one payment, invoiced when it succeeds", async () => {
    const { customer, session, url } = await openSession();
    expect((await payByDebit(url, paysLater)).status).toBe(303);
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: "complete",
      payment_status: "unpaid",
      invoice: null,
    });
    expect((await all(stripe.charges.list({ customer }))).map(({ status }) => status)).toEqual(["pending"]);
    await sandbox.control("clock/advance", { seconds: 200 });
    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ["invoice"] });
    expect(done).toMatchObject({
      payment_status: "paid",
      invoice: { status: "paid", total: 2500, amount_paid: 2500 },
    });
    await sandbox.control("clock/advance", { seconds: 7200 });
    const charges = await all(stripe.charges.list({ customer }));
    expect(charges.map(({ status, amount }) => [status, amount])).toEqual([["succeeded", 2500]]);
  });

  test("a delayed payment that succeeds after its customer was deleted has no invoice", async () => {
    const { customer, session, url } = await openSession();
    await payByDebit(url, paysLater);
    await stripe.customers.del(customer);
    await sandbox.control("clock/advance", { seconds: 200 });
    const done = await stripe.checkout.sessions.retrieve(session.id);
    expect(done).toMatchObject({ payment_status: "paid", invoice: null });
  });

  test("a delayed payment that fails is announced and creates no invoice", async () => {
    const { customer, session, url } = await openSession();
    await payByDebit(url, failsLater);
    await sandbox.control("clock/advance", { seconds: 200 });
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ payment_status: "unpaid" });
    expect(await all(stripe.invoices.list({ customer }))).toEqual([]);
    const types = (await all(stripe.events.list())).map(({ type }) => type);
    expect(types).toContain("checkout.session.async_payment_failed");
  });

  test("a session that also allows cards is still paid by card at once", async () => {
    const { session, url } = await openSession();
    expect((await submitCard(url, "4242424242424242")).status).toBe(303);
    expect(await stripe.checkout.sessions.retrieve(session.id, { expand: ["invoice"] })).toMatchObject({
      payment_status: "paid",
      invoice: { status: "paid", total: 2500 },
    });
  });

  test("an unknown account number is rejected with a message", async () => {
    const { url } = await openSession();
    const answer = await payByDebit(url, "DE89370400440532013000");
    expect(await answer.text()).toContain("test accounts only");
  });

  test("the invoice of a one-time payment bills its own items only", async () => {
    const { customer, session, url } = await openSession();
    await stripe.invoiceItems.create({ customer, amount: -700, currency: "eur", description: "Credit" });
    await submitCard(url, "4242424242424242");
    const { invoice } = await stripe.checkout.sessions.retrieve(session.id, { expand: ["invoice"] });
    expect(invoice).toMatchObject({ total: 2500, amount_paid: 2500 });
    expect(await all(stripe.invoiceItems.list({ customer, pending: true }))).toHaveLength(1);
  });
});
