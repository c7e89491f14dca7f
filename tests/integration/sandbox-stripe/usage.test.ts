import Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  all,
  failureOf,
  type SandboxClient,
  startSandbox,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
let customer: string;
let product: string;
let meter: Stripe.Billing.Meter;
const start = Date.parse("2031-01-01T00:00:00Z") / 1000;
const day = 86_400;
beforeEach(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.stripe;
  await sandbox.control("clock/advance", { to: start });
  product = (await stripe.products.create({ name: "Tokens" })).id;
  customer = (
    await stripe.customers.create({
      payment_method: "pm_card_visa",
      invoice_settings: { default_payment_method: "pm_card_visa" },
    })
  ).id;
  meter = await stripe.billing.meters.create({
    display_name: "Tokens",
    event_name: "tokens",
    default_aggregation: { formula: "sum" },
  });
});
afterEach(() => sandbox.stop());

const use = (value: number, more: Partial<Stripe.Billing.MeterEventCreateParams> = {}) =>
  stripe.billing.meterEvents.create({
    event_name: "tokens",
    payload: { stripe_customer_id: customer, value: String(value) },
    ...more,
  });
const metered = (params: Partial<Stripe.PriceCreateParams>) =>
  stripe.prices.create({
    product,
    currency: "usd",
    recurring: { interval: "month", usage_type: "metered", meter: meter.id },
    ...params,
  });
const begin = (price: string) => stripe.subscriptions.create({ customer, items: [{ price }] });
const goOn = (days: number) => sandbox.control("clock/advance", { seconds: days * day });
const lastTotal = async () => (await stripe.invoices.list({ customer, limit: 1 })).data[0]?.total;

const tiers = [
  { up_to: 100, unit_amount: 5 },
  { up_to: 200, unit_amount: 4, flat_amount: 300 },
  { up_to: "inf" as const, unit_amount_decimal: Stripe.Decimal.from("2.5") },
];
test.each([
  ["by the unit", { unit_amount: 3 }, 250, 750],
  ["by fractions of a cent", { unit_amount_decimal: Stripe.Decimal.from("0.03") }, 250, 8],
  [
    "by the pack, begun ones counted",
    { unit_amount: 70, transform_quantity: { divide_by: 100, round: "up" as const } },
    250,
    210,
  ],
  [
    "by the pack, whole ones counted",
    { unit_amount: 70, transform_quantity: { divide_by: 100, round: "down" as const } },
    250,
    140,
  ],
  [
    "by graduated tiers",
    { billing_scheme: "tiered" as const, tiers_mode: "graduated" as const, tiers },
    250,
    500 + 400 + 300 + 125,
  ],
  [
    "by the volume's tier",
    { billing_scheme: "tiered" as const, tiers_mode: "volume" as const, tiers },
    150,
    600 + 300,
  ],
])("usage is billed at the period end %s, as previewed", async (_name, params, used, cents) => {
  const price = await metered(params);
  const { id } = await begin(price.id);
  await use(used);
  expect((await stripe.invoices.createPreview({ subscription: id })).total).toBe(cents);
  await goOn(32);
  expect(await lastTotal()).toBe(cents);
});

test("a price includes its tiers only when expanded", async () => {
  const price = await metered({ billing_scheme: "tiered", tiers_mode: "volume", tiers });
  expect(price.tiers).toBeUndefined();
  const expanded = await stripe.prices.retrieve(price.id, { expand: ["tiers"] });
  expect(expanded.tiers?.map(({ up_to: last }) => last)).toEqual([100, 200, null]);
});

test("usage before a cancellation is billed at the period end, or immediately with invoice_now", async () => {
  const price = (await metered({ unit_amount: 2 })).id;
  const first = await begin(price);
  await use(300);
  await goOn(5);
  await stripe.subscriptions.cancel(first.id, { invoice_now: true });
  expect(await lastTotal()).toBe(600);
  const second = await begin(price);
  await use(50);
  await stripe.subscriptions.update(second.id, { cancel_at_period_end: true });
  await goOn(32);
  expect(await lastTotal()).toBe(100);
});

test("usage is billed once, at the price that was active when it was reported", async () => {
  const [cheap, dear] = [await metered({ unit_amount: 1 }), await metered({ unit_amount: 10 })];
  const { id, items } = await begin(cheap.id);
  await use(100);
  await goOn(10);
  await stripe.subscriptions.update(id, { items: [{ id: items.data[0]?.id ?? "", price: dear.id }] });
  await goOn(1);
  await use(100);
  await goOn(25);
  expect(await lastTotal()).toBe(100 + 1000);
});

test.each([
  ["by the unit", { unit_amount: 2 }, 200 + 2 * 30],
  [
    "by graduated tiers",
    { billing_scheme: "tiered" as const, tiers_mode: "graduated" as const, tiers },
    5 * 100 + 300 + 4 * 30,
  ],
])(
  "usage reported while the period's invoice is a draft is billed on it %s; later usage is not",
  async (_name, params, cents) => {
    const price = (await metered(params)).id;
    const { items } = await begin(price);
    const end = items.data[0]?.current_period_end ?? 0;
    await use(100);
    await sandbox.control("clock/advance", { to: end + 60 });
    await use(30, { timestamp: end - 1 });
    await use(7);
    await sandbox.control("clock/advance", { to: end + 3_700 });
    const [invoice] = (await stripe.invoices.list({ customer, limit: 1 })).data;
    expect(invoice).toMatchObject({ status: "paid", total: cents, amount_paid: cents });
    await use(50, { timestamp: end - 1 });
    await sandbox.control("clock/advance", { seconds: 31 * day });
    const used = (await stripe.invoices.list({ customer, limit: 1 })).data[0]?.lines.data[0]?.quantity;
    expect(used).toBe(7);
  },
);

test("canceled meter events are not billed, and daily summaries exclude them", async () => {
  const { id } = await begin((await metered({ unit_amount: 1 })).id);
  await use(40, { identifier: "counted" });
  await use(60, { identifier: "wrong" });
  const taken = await stripe.billing.meterEventAdjustments.create({
    event_name: "tokens",
    type: "cancel",
    cancel: { identifier: "wrong" },
  });
  expect(taken.cancel).toEqual({ identifier: "wrong" });
  await goOn(2);
  await use(5);
  const span = { customer, start_time: start, end_time: start + 4 * day };
  const days = await all(
    stripe.billing.meters.listEventSummaries(meter.id, { ...span, value_grouping_window: "day" }),
  );
  expect(days.map(({ aggregated_value: value }) => value).toSorted((a, b) => a - b)).toEqual([5, 40]);
  const [whole] = (await stripe.billing.meters.listEventSummaries(meter.id, span)).data;
  expect(whole?.aggregated_value).toBe(45);
  expect((await stripe.invoices.createPreview({ subscription: id })).total).toBe(45);
});

test("meter events that cannot be billed are rejected", async () => {
  const refusal = async (call: Promise<unknown>) => (await failureOf(call)).statusCode;
  expect(await refusal(use(1, { event_name: "words" }))).toBe(400);
  expect(await refusal(use(1.5))).toBe(400);
  expect(await refusal(use(1, { timestamp: start - 36 * day }))).toBe(400);
  expect(await refusal(use(1, { timestamp: start + 3600 }))).toBe(400);
  expect(await refusal(use(1, { payload: { value: "1" } }))).toBe(400);
  await stripe.billing.meters.deactivate(meter.id);
  expect(await refusal(use(1))).toBe(400);
  await stripe.billing.meters.reactivate(meter.id);
  await use(1);
  const types = (await all(stripe.events.list({ type: "billing.meter.*" })))
    .map(({ type }) => type)
    .reverse();
  expect(types).toEqual(["billing.meter.created", "billing.meter.deactivated", "billing.meter.reactivated"]);
});

test("a legacy usage record is refused with a pointer to meter events, and changes nothing", async () => {
  const price = await metered({ unit_amount: 3 });
  const subscription = await begin(price.id);
  const [item] = subscription.items.data;
  const record = (id: string) =>
    stripe.rawRequest("POST", `/v1/subscription_items/${id}/usage_records`, {
      quantity: 5,
      action: "increment",
    });
  expect(await failureOf(record(item?.id ?? ""))).toMatchObject({
    statusCode: 400,
    message: expect.stringContaining(
      "is not on the legacy metered billing system. Call /v1/billing/meter_events",
    ),
  });
  expect(await failureOf(record("si_missing"))).toMatchObject({ statusCode: 404, code: "resource_missing" });
  await goOn(32);
  expect(await lastTotal()).toBe(0);
});
