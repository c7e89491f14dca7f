import type Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createPlan,
  failureOf,
  payingCustomer,
  type SandboxClient,
  startSandbox,
  submitCard,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
let pro: Awaited<ReturnType<typeof createPlan>>;
let customer: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.stripe;
  pro = await createPlan(stripe, "Pro", 1900);
  customer = await payingCustomer(stripe);
});
afterEach(() => sandbox.stop());

const monthly = (cents: number) => ({
  currency: "usd",
  product: pro.product.id,
  recurring: { interval: "month" as const },
  unit_amount: cents,
});

test("a subscription with price_data bills and renews its inline price, which nobody else can buy", async () => {
  const subscription = await stripe.subscriptions.create({
    customer,
    items: [{ price_data: monthly(700), quantity: 2 }],
    expand: ["latest_invoice"],
  });
  expect(subscription).toMatchObject({ status: "active", latest_invoice: { status: "paid", total: 1400 } });
  const price = subscription.items.data[0]?.price;
  expect(price).toMatchObject({ active: false, unit_amount: 700, recurring: { interval: "month" } });
  await sandbox.control("clock/advance", { months: 1 });
  await sandbox.control("clock/advance", { seconds: 3_700 });
  const [renewal] = (await stripe.invoices.list({ subscription: subscription.id, limit: 1 })).data;
  expect(renewal).toMatchObject({ billing_reason: "subscription_cycle", status: "paid", total: 1400 });
  const copy = stripe.subscriptions.create({ customer, items: [{ price: price?.id ?? "" }] });
  expect((await failureOf(copy)).message).toContain("This field only accepts active prices");
});

test("previews, changes and items accept price_data; a preview creates no price", async () => {
  const { id, items } = await stripe.subscriptions.create({ customer, items: [{ price: pro.month.id }] });
  const change = [{ id: items.data[0]?.id ?? "", price_data: monthly(2_900) }];
  const known = (await stripe.prices.list({ limit: 100 })).data.length;
  const preview = await stripe.invoices.createPreview({
    subscription: id,
    subscription_details: { items: change, proration_behavior: "none" },
  });
  expect(preview.total).toBe(2_900);
  expect((await stripe.prices.list({ limit: 100 })).data).toHaveLength(known);
  const changed = await stripe.subscriptions.update(id, { items: change, proration_behavior: "none" });
  expect(changed.items.data[0]?.price.unit_amount).toBe(2_900);
  const item = await stripe.subscriptionItems.create({ subscription: id, price_data: monthly(300) });
  expect(item.price).toMatchObject({ unit_amount: 300, active: false });
});

test("schedule phases and invoice items accept price_data", async () => {
  const once = { currency: "usd", product: pro.product.id, unit_amount: 500 };
  const schedule = await stripe.subscriptionSchedules.create({
    customer,
    start_date: "now",
    billing_mode: { type: "flexible" },
    phases: [{ items: [{ price_data: monthly(800) }], add_invoice_items: [{ price_data: once }] }],
  });
  const invoices = await stripe.invoices.list({ subscription: String(schedule.subscription) });
  expect(invoices.data[0]?.total).toBe(1_300);
});

test("Checkout accepts price_data and product_data", async () => {
  const session = await stripe.checkout.sessions.create({
    mode: "payment",
    success_url: "http://shop.example/done",
    line_items: [
      {
        price_data: { currency: "usd", product_data: { name: "Ten thousand words" }, unit_amount: 1_200 },
        quantity: 1,
      },
    ],
  });
  expect(session.amount_total).toBe(1_200);
  const page = await (await fetch(session.url ?? "")).text();
  expect(page).toContain("Ten thousand words");
  expect((await submitCard(session.url ?? "", "4242424242424242")).status).toBe(303);
  expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ payment_status: "paid" });
});

test("an invalid price_data is rejected like an invalid price", async () => {
  const create = (data: Partial<ReturnType<typeof monthly>>, more: { price?: string } = {}) =>
    failureOf(
      stripe.subscriptions.create({
        customer,
        items: [{ price_data: { ...monthly(700), ...data }, ...more }],
      }),
    );
  expect(await create({ product: "prod_none" })).toMatchObject({
    code: "resource_missing",
    param: "items[0][price_data][product]",
  });
  expect(await create({ currency: "xyz" })).toMatchObject({ param: "items[0][price_data][currency]" });
  expect(await create({ unit_amount: -1 })).toMatchObject({ param: "items[0][price_data][unit_amount]" });
  expect(await create({}, { price: pro.month.id })).toMatchObject({ param: "items[0][price]" });
});

test("a new subscription accepts currency, proration behavior and the default billing mode only", async () => {
  const items = [{ price: pro.month.id }];
  const subscription = await stripe.subscriptions.create({
    customer,
    items,
    billing_mode: { type: "flexible", flexible: { proration_discounts: "included" } },
    currency: "usd",
    proration_behavior: "none",
  });
  expect(subscription).toMatchObject({ currency: "usd", billing_mode: { type: "flexible" } });
  for (const refused of [
    stripe.subscriptions.create({ customer, items, billing_mode: { type: "classic" } }),
    stripe.checkout.sessions.create({
      mode: "subscription",
      success_url: "http://shop.example/done",
      line_items: [{ price: pro.month.id, quantity: 1 }],
      subscription_data: { billing_mode: { type: "classic" } },
    }),
  ]) {
    expect((await failureOf(refused)).message).toContain("The sandbox plays");
  }
});
