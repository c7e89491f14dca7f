import type Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  all,
  createPlan,
  failureOf,
  payingCustomer,
  type SandboxClient,
  startSandbox,
  submitCard,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
let mini: Awaited<ReturnType<typeof createPlan>>;
let customer: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.stripe;
  mini = await createPlan(stripe, "Mini", 30);
  customer = await payingCustomer(stripe);
});
afterEach(() => sandbox.stop());

async function nextMonth(): Promise<void> {
  await sandbox.control("clock/advance", { months: 1 });
  await sandbox.control("clock/advance", { seconds: 3_700 });
}

/** Transactions of the customer balance, oldest first. */
async function movements() {
  const rows = await all(stripe.customers.listBalanceTransactions(customer));
  return rows.reverse().map(({ type, amount, ending_balance }) => ({ type, amount, ending_balance }));
}

const sessionOf = (price: string, more: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
  stripe.checkout.sessions.create({
    mode: "subscription",
    customer,
    success_url: "http://shop.example/done",
    line_items: [{ price, quantity: 1 }],
    ...more,
  });

const single = (cents: number, currency = "usd") =>
  stripe.prices.create({ product: mini.product.id, currency, unit_amount: cents });

test("an invoice below the minimum charge is paid without a charge and added to the next invoice", async () => {
  const preview = await stripe.invoices.createPreview({
    customer,
    subscription_details: { items: [{ price: mini.month.id }] },
  });
  expect(preview).toMatchObject({ total: 30, amount_due: 0 });
  const subscription = await stripe.subscriptions.create({
    customer,
    items: [{ price: mini.month.id }],
    expand: ["latest_invoice.payments"],
  });
  expect(subscription).toMatchObject({
    status: "active",
    latest_invoice: {
      status: "paid",
      total: 30,
      amount_due: 0,
      amount_paid: 0,
      starting_balance: 0,
      ending_balance: 30,
      payments: { data: [] },
    },
  });
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: 30 });
  expect(await movements()).toEqual([{ type: "invoice_too_small", amount: 30, ending_balance: 30 }]);
  const upcoming = await stripe.invoices.createPreview({ subscription: subscription.id });
  expect(upcoming).toMatchObject({ total: 30, amount_due: 60, starting_balance: 30 });
  await nextMonth();
  const [renewal] = (await stripe.invoices.list({ customer, limit: 1 })).data;
  expect(renewal).toMatchObject({
    status: "paid",
    total: 30,
    amount_due: 60,
    amount_paid: 60,
    starting_balance: 30,
    ending_balance: 0,
  });
  expect((await all(stripe.charges.list({ customer }))).map(({ amount }) => amount)).toEqual([60]);
  expect(await movements()).toEqual([
    { type: "invoice_too_small", amount: 30, ending_balance: 30 },
    { type: "applied_to_invoice", amount: -30, ending_balance: 0 },
  ]);
});

test("a balance that leaves less than the minimum charge is used, and the rest is due with the next invoice", async () => {
  const pro = await createPlan(stripe, "Pro", 1_900);
  await stripe.customers.createBalanceTransaction(customer, { amount: -1_880, currency: "usd" });
  await stripe.subscriptions.create({ customer, items: [{ price: pro.month.id }] });
  expect(await movements()).toEqual([
    { type: "adjustment", amount: -1_880, ending_balance: -1_880 },
    { type: "applied_to_invoice", amount: 1_880, ending_balance: 0 },
    { type: "invoice_too_small", amount: 20, ending_balance: 20 },
  ]);
  expect(await all(stripe.charges.list({ customer }))).toEqual([]);
});

test("an amount equal to the currency's minimum charge is charged", async () => {
  const pricing = async (cents: number, currency: string) => ({
    price: (await single(cents, currency)).id,
  });
  const payOf = async (cents: number, currency: string) => {
    const owner = await stripe.customers.create({
      payment_method: "pm_card_visa",
      invoice_settings: { default_payment_method: "pm_card_visa" },
    });
    const invoice = await stripe.invoices.create({ customer: owner.id, currency });
    await stripe.invoiceItems.create({
      customer: owner.id,
      invoice: invoice.id,
      pricing: await pricing(cents, currency),
    });
    const { amount_paid, amount_due, status } = await stripe.invoices.pay(invoice.id);
    return { amount_paid, amount_due, status };
  };
  expect(await payOf(50, "usd")).toEqual({ amount_paid: 50, amount_due: 50, status: "paid" });
  expect(await payOf(49, "usd")).toEqual({ amount_paid: 0, amount_due: 0, status: "paid" });
  expect(await payOf(30, "gbp")).toEqual({ amount_paid: 30, amount_due: 30, status: "paid" });
  expect(await payOf(49, "eur")).toEqual({ amount_paid: 0, amount_due: 0, status: "paid" });
  expect(await payOf(49, "jpy")).toEqual({ amount_paid: 0, amount_due: 0, status: "paid" });
});

test("a sent invoice below the minimum charge is paid when it is finalized", async () => {
  const invoice = await stripe.invoices.create({
    customer,
    collection_method: "send_invoice",
    days_until_due: 30,
  });
  await stripe.invoiceItems.create({ customer, invoice: invoice.id, amount: 12, currency: "usd" });
  expect(await stripe.invoices.finalizeInvoice(invoice.id)).toMatchObject({
    status: "paid",
    ending_balance: 12,
  });
});

test("every endpoint rejects payments below the minimum charge or above eight digits", async () => {
  const wrong = { statusCode: 400, code: "amount_too_small", param: "amount" };
  expect(await failureOf(stripe.paymentIntents.create({ amount: 49, currency: "usd" }))).toMatchObject({
    ...wrong,
    message: "Amount must be at least $0.50 usd",
  });
  expect(await failureOf(stripe.paymentIntents.create({ amount: 29, currency: "gbp" }))).toMatchObject(wrong);
  expect(
    await failureOf(stripe.paymentIntents.create({ amount: 100_000_000, currency: "usd" })),
  ).toMatchObject({
    code: "amount_too_large",
  });
  const intent = await stripe.paymentIntents.create({ amount: 50, currency: "usd" });
  expect(await failureOf(stripe.paymentIntents.update(intent.id, { amount: 20 }))).toMatchObject(wrong);
  expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ amount: 50 });
});

test("Checkout rejects payments below the minimum charge, also after a promotion code", async () => {
  const payment = { mode: "payment" } as const;
  expect(await failureOf(sessionOf((await single(30)).id, payment))).toMatchObject({
    statusCode: 400,
    code: "amount_too_small",
    message: "The Checkout Session's total amount due must add up to at least $0.50 usd",
  });
  const coupon = await stripe.coupons.create({ percent_off: 90 });
  await stripe.promotionCodes.create({ code: "NINETY", promotion: { type: "coupon", coupon: coupon.id } });
  const session = await sessionOf((await single(200)).id, { ...payment, allow_promotion_codes: true });
  await fetch(session.url ?? "", { method: "POST", body: new URLSearchParams({ promotion_code: "NINETY" }) });
  expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ amount_total: 200 });
  const free = await stripe.coupons.create({ percent_off: 100 });
  expect(
    await sessionOf((await single(200)).id, { ...payment, discounts: [{ coupon: free.id }] }),
  ).toMatchObject({ amount_total: 0 });
});

test("Checkout of a subscription below the minimum charge states that nothing is charged now and when it is due", async () => {
  const session = await sessionOf(mini.month.id);
  const page = await (await fetch(session.url ?? "")).text();
  expect(page).toContain("Amounts under $0.50");
  expect(page).toContain("$0.30 will be added to your next invoice");
  expect(page).not.toContain("Applied balance");
  expect((await submitCard(session.url ?? "", "4242424242424242")).status).toBe(303);
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ["invoice", "subscription"] });
  expect(done).toMatchObject({
    status: "complete",
    payment_status: "no_payment_required",
    invoice: { status: "paid", ending_balance: 30 },
    subscription: { status: "active" },
  });
  const invoice = typeof done.invoice === "string" ? null : done.invoice;
  const hosted = await (await fetch(invoice?.hosted_invoice_url ?? "")).text();
  expect(hosted).toContain("Below the minimum charge, added to your next invoice");
  expect(await all(stripe.charges.list({ customer }))).toEqual([]);
});

test("a one-time payment is charged in full, and its invoice does not use the customer's balance", async () => {
  await stripe.customers.createBalanceTransaction(customer, { amount: -1_880, currency: "usd" });
  const session = await sessionOf((await single(1_900)).id, {
    mode: "payment",
    invoice_creation: { enabled: true },
  });
  await submitCard(session.url ?? "", "4242424242424242");
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ["invoice", "payment_intent"] });
  expect(done).toMatchObject({
    payment_intent: { amount_received: 1_900 },
    invoice: { status: "paid", amount_paid: 1_900, ending_balance: -1_880 },
  });
  expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -1_880 });
});
