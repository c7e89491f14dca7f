import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  clientOf,
  createPlan,
  failureOf,
  payingCustomer,
  type SandboxClient,
  startSandbox,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

const day = 86_400;
let sandbox: SandboxClient;
let stripe: Stripe;
let pro: Awaited<ReturnType<typeof createPlan>>;
let now: number;
beforeEach(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.stripe;
  pro = await createPlan(stripe, "Pro", 1900);
  now = Number((await sandbox.control("clock")).now);
});
afterEach(() => sandbox.stop());

/** Status, code and parameter of a rejection. */
async function refusalOf(call: Promise<unknown>) {
  const { statusCode, code, param } = await failureOf(call);
  return { statusCode, ...(code === undefined ? {} : { code }), ...(param === undefined ? {} : { param }) };
}

const priceOf = (more: Partial<Stripe.PriceCreateParams> = {}) =>
  stripe.prices.create({
    product: pro.product.id,
    currency: "usd",
    unit_amount: 900,
    recurring: { interval: "month" },
    ...more,
  });

async function meteredPrice(): Promise<Stripe.Price> {
  const meter = await stripe.billing.meters.create({
    display_name: "Tokens",
    event_name: "tokens",
    default_aggregation: { formula: "sum" },
  });
  return priceOf({
    unit_amount: 1,
    recurring: { interval: "month", usage_type: "metered", meter: meter.id },
  });
}

const sessionOf = (more: Partial<Stripe.Checkout.SessionCreateParams>) =>
  stripe.checkout.sessions.create({
    mode: "subscription",
    success_url: "http://shop.example/done",
    line_items: [{ price: pro.month.id, quantity: 1 }],
    ...more,
  });

const scheduleOf = (
  customer: string,
  phase: Partial<Stripe.SubscriptionScheduleCreateParams.Phase>,
): Promise<Stripe.SubscriptionSchedule> =>
  stripe.subscriptionSchedules.create({
    customer,
    start_date: now + day,
    phases: [{ items: [{ price: pro.month.id }], ...phase }],
  });

describe("quantities", () => {
  test("negative quantities are rejected by every endpoint", async () => {
    const customer = await payingCustomer(stripe);
    const { subscription } = await subscribe(stripe, pro.month.id, { customer });
    const item = subscription.items.data[0]?.id ?? "";
    const other = await priceOf();
    const negative = [{ price: other.id, quantity: -1 }];
    const code = "parameter_invalid_integer";
    const refused = { statusCode: 400, code };
    expect(await refusalOf(stripe.subscriptions.create({ customer, items: negative }))).toEqual({
      ...refused,
      param: "items[0][quantity]",
    });
    expect(
      await refusalOf(stripe.subscriptions.update(subscription.id, { items: [{ id: item, quantity: -2 }] })),
    ).toMatchObject(refused);
    expect(await refusalOf(stripe.subscriptionItems.update(item, { quantity: -1 }))).toMatchObject(refused);
    expect(await refusalOf(scheduleOf(customer, { items: negative }))).toMatchObject(refused);
    expect(await refusalOf(sessionOf({ line_items: negative }))).toMatchObject(refused);
    const single = await stripe.prices.create({
      product: pro.product.id,
      currency: "usd",
      unit_amount: 900,
    });
    const pricing = { price: single.id };
    expect(await refusalOf(stripe.invoiceItems.create({ customer, pricing, quantity: -1 }))).toMatchObject(
      refused,
    );
  });

  test("quantities of metered prices are rejected by every endpoint", async () => {
    const customer = await payingCustomer(stripe);
    const metered = await meteredPrice();
    const counted = [{ price: metered.id, quantity: 3 }];
    const refused = { statusCode: 400, param: "items[0][quantity]" };
    expect(await refusalOf(stripe.subscriptions.create({ customer, items: counted }))).toEqual(refused);
    const running = await stripe.subscriptions.create({ customer, items: [{ price: metered.id }] });
    const id = running.items.data[0]?.id ?? "";
    expect(
      await refusalOf(stripe.subscriptions.update(running.id, { items: [{ id, quantity: 3 }] })),
    ).toEqual(refused);
    expect(await refusalOf(stripe.subscriptionItems.update(id, { quantity: 3 }))).toEqual(refused);
    expect(await refusalOf(sessionOf({ line_items: counted }))).toMatchObject({ statusCode: 400 });
    expect(await refusalOf(scheduleOf(customer, { items: counted }))).toMatchObject({ statusCode: 400 });
  });
});

describe("items of one subscription", () => {
  test("a subscription rejects two items with the same price", async () => {
    const customer = await payingCustomer(stripe);
    const twice = [{ price: pro.month.id }, { price: pro.month.id }];
    const message = `Cannot add multiple subscription items with the same plan: ${pro.month.id}`;
    expect((await failureOf(stripe.subscriptions.create({ customer, items: twice }))).message).toBe(message);
    const { subscription } = await subscribe(stripe, pro.month.id, { customer });
    for (const call of [
      stripe.subscriptions.update(subscription.id, { items: [{ price: pro.month.id }] }),
      stripe.subscriptionItems.create({ subscription: subscription.id, price: pro.month.id }),
      sessionOf({
        line_items: [
          { price: pro.month.id, quantity: 1 },
          { price: pro.month.id, quantity: 2 },
        ],
      }),
      scheduleOf(customer, { items: twice }),
    ]) {
      expect((await failureOf(call)).message).toBe(message);
    }
  });

  test("a subscription, and all active subscriptions of a customer, have one currency", async () => {
    const customer = await payingCustomer(stripe);
    const euro = await priceOf({ currency: "eur" });
    const mixed = [{ price: pro.month.id }, { price: euro.id }];
    const message =
      "The price specified only supports `eur`. This doesn't match the expected currency: `usd`.";
    expect((await failureOf(stripe.subscriptions.create({ customer, items: mixed }))).message).toBe(message);
    expect((await failureOf(scheduleOf(customer, { items: mixed }))).message).toBe(message);
    const lines = mixed.map(({ price }) => ({ price, quantity: 1 }));
    expect((await failureOf(sessionOf({ line_items: lines }))).message).toBe(message);
    expect(
      (
        await failureOf(
          stripe.subscriptions.create({ customer, currency: "usd", items: [{ price: euro.id }] }),
        )
      ).message,
    ).toBe(message);
    const { subscription } = await subscribe(stripe, pro.month.id, { customer });
    const item = subscription.items.data[0]?.id ?? "";
    const change = stripe.subscriptions.update(subscription.id, { items: [{ id: item, price: euro.id }] });
    expect((await failureOf(change)).message).toBe(message);
    for (const call of [
      stripe.subscriptions.create({ customer, items: [{ price: euro.id }] }),
      sessionOf({ customer, line_items: [{ price: euro.id, quantity: 1 }] }),
      scheduleOf(customer, { items: [{ price: euro.id }] }),
    ]) {
      expect((await failureOf(call)).message).toContain("You cannot combine currencies on a single customer");
    }
    await stripe.subscriptions.cancel(subscription.id);
    expect(await stripe.subscriptions.create({ customer, items: [{ price: euro.id }] })).toMatchObject({
      currency: "eur",
    });
  });
});

test("an unsupported currency is rejected", async () => {
  const failure = await failureOf(priceOf({ currency: "xyz" }));
  expect(failure).toMatchObject({ statusCode: 400, param: "currency" });
  expect(failure.message).toContain("Invalid currency: xyz");
  expect(await refusalOf(stripe.paymentIntents.create({ amount: 900, currency: "zzz" }))).toEqual({
    statusCode: 400,
    param: "currency",
  });
  expect(await stripe.prices.retrieve((await priceOf({ currency: "EUR" })).id)).toMatchObject({
    currency: "eur",
  });
});

describe("archived prices", () => {
  test("an archived price is rejected by every endpoint", async () => {
    const customer = await payingCustomer(stripe);
    const { subscription } = await subscribe(stripe, pro.month.id, { customer });
    const old = await priceOf();
    await stripe.prices.update(old.id, { active: false });
    const item = subscription.items.data[0]?.id ?? "";
    const items = [{ price: old.id }];
    for (const call of [
      stripe.subscriptions.create({ customer, items }),
      stripe.subscriptions.update(subscription.id, { items: [{ id: item, price: old.id }] }),
      stripe.subscriptions.update(subscription.id, { items }),
      stripe.subscriptionItems.create({ subscription: subscription.id, price: old.id }),
      stripe.invoices.createPreview({ customer, subscription_details: { items } }),
      sessionOf({ line_items: [{ price: old.id, quantity: 1 }] }),
      scheduleOf(customer, { items }),
    ]) {
      expect((await failureOf(call)).message).toBe(
        "The price specified is inactive. This field only accepts active prices.",
      );
    }
  });

  test("an archived price continues for existing subscriptions: renewals, quantities, schedules", async () => {
    const { subscription } = await subscribe(stripe, pro.month.id);
    await stripe.prices.update(pro.month.id, { active: false });
    await sandbox.control("clock/advance", { months: 1 });
    await sandbox.control("clock/advance", { seconds: 3_700 });
    const [renewal] = (await stripe.invoices.list({ subscription: subscription.id, limit: 1 })).data;
    expect(renewal).toMatchObject({ billing_reason: "subscription_cycle", status: "paid", total: 1900 });
    const id = subscription.items.data[0]?.id ?? "";
    const more = [{ id, price: pro.month.id, quantity: 2 }];
    expect(
      (await stripe.subscriptions.update(subscription.id, { items: more })).items.data[0]?.quantity,
    ).toBe(2);
    const schedule = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
    const [phase] = schedule.phases;
    const planned = await stripe.subscriptionSchedules.update(schedule.id, {
      phases: [
        {
          items: [{ price: pro.month.id, quantity: 2 }],
          start_date: phase?.start_date ?? 0,
          end_date: phase?.end_date ?? 0,
        },
        { items: [{ price: pro.year.id }] },
      ],
    });
    expect(planned.phases).toHaveLength(2);
  });
});

describe("timestamps", () => {
  test("a trial end must be in the future and within two years", async () => {
    const customer = await payingCustomer(stripe);
    const items = [{ price: pro.month.id }];
    const create = (more: Partial<Stripe.SubscriptionCreateParams>) =>
      refusalOf(stripe.subscriptions.create({ customer, items, ...more }));
    const wrong = { statusCode: 400, param: "trial_end" };
    expect(await create({ trial_end: now - 1 })).toEqual(wrong);
    expect(await create({ trial_end: now + 731 * day })).toEqual(wrong);
    expect(await create({ trial_period_days: 731 })).toEqual({ statusCode: 400, param: "trial_period_days" });
    expect(await create({ trial_period_days: -1 })).toMatchObject({ param: "trial_period_days" });
    const { subscription } = await subscribe(stripe, pro.month.id, { customer });
    const update = (trialEnd: number) =>
      refusalOf(stripe.subscriptions.update(subscription.id, { trial_end: trialEnd }));
    expect(await update(now)).toEqual(wrong);
    expect(await update(now + 731 * day)).toEqual(wrong);
    const checkout = (data: Stripe.Checkout.SessionCreateParams.SubscriptionData) =>
      refusalOf(sessionOf({ subscription_data: data }));
    expect(await checkout({ trial_period_days: 731 })).toMatchObject({ statusCode: 400 });
    expect(await checkout({ trial_end: now + 731 * day })).toMatchObject({ statusCode: 400 });
    expect(
      await refusalOf(priceOf({ recurring: { interval: "month", trial_period_days: 731 } })),
    ).toMatchObject({ param: "recurring[trial_period_days]" });
    expect(
      await stripe.subscriptions.create({
        customer,
        items: [{ price: pro.year.id }],
        trial_period_days: 730,
      }),
    ).toMatchObject({ status: "trialing" });
  });

  test("scheduled timestamps in the past are rejected", async () => {
    const customer = await payingCustomer(stripe);
    const items = [{ price: pro.month.id }];
    const past = now - 60;
    expect(await refusalOf(stripe.subscriptions.create({ customer, items, cancel_at: past }))).toEqual({
      statusCode: 400,
      param: "cancel_at",
    });
    const { subscription } = await subscribe(stripe, pro.month.id, { customer });
    expect(await refusalOf(stripe.subscriptions.update(subscription.id, { cancel_at: past }))).toEqual({
      statusCode: 400,
      param: "cancel_at",
    });
    const pause = { behavior: "void", resumes_at: past } as const;
    expect(
      await refusalOf(stripe.subscriptions.update(subscription.id, { pause_collection: pause })),
    ).toEqual({
      statusCode: 400,
      param: "pause_collection[resumes_at]",
    });
    const invoice = (more: Partial<Stripe.InvoiceCreateParams>) =>
      refusalOf(stripe.invoices.create({ customer, ...more }));
    expect(await invoice({ collection_method: "send_invoice", due_date: past })).toMatchObject({
      param: "due_date",
    });
    expect(await invoice({ collection_method: "send_invoice", days_until_due: -1 })).toMatchObject({
      param: "days_until_due",
    });
    expect(await invoice({ auto_advance: true, automatically_finalizes_at: past })).toMatchObject({
      param: "automatically_finalizes_at",
    });
    expect(await refusalOf(stripe.coupons.create({ percent_off: 10, redeem_by: past }))).toMatchObject({
      param: "redeem_by",
    });
    expect(await refusalOf(sessionOf({ expires_at: past }))).toMatchObject({ param: "expires_at" });
  });

  test("two ways to set the same end are rejected", async () => {
    const customer = await payingCustomer(stripe);
    const both = { cancel_at: now + day, cancel_at_period_end: true };
    const wrong = { statusCode: 400, param: "cancel_at" };
    const items = [{ price: pro.month.id }];
    expect(await refusalOf(stripe.subscriptions.create({ customer, items, ...both }))).toEqual(wrong);
    const { subscription } = await subscribe(stripe, pro.month.id, { customer });
    expect(await refusalOf(stripe.subscriptions.update(subscription.id, both))).toEqual(wrong);
    const duration = { interval: "month", interval_count: 2 } as const;
    expect(await refusalOf(scheduleOf(customer, { duration, end_date: now + 40 * day }))).toEqual({
      statusCode: 400,
      param: "phases[0][end_date]",
    });
    expect(await refusalOf(scheduleOf(customer, { trial: true, trial_end: now + 3 * day }))).toEqual({
      statusCode: 400,
      param: "phases[0][trial_end]",
    });
    expect(
      await refusalOf(scheduleOf(customer, { duration: { interval: "month", interval_count: 0 } })),
    ).toMatchObject({ param: "phases[0][duration][interval_count]" });
  });
});
describe("limits", () => {
  test("metadata is limited to 50 keys of 40 characters without brackets and values of 500", async () => {
    const create = (metadata: Record<string, string>) => stripe.customers.create({ metadata });
    const keys = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${from + index}`, "x"]));
    expect((await failureOf(create(keys(0, 51)))).message).toContain("up to 50 keys");
    const full = await create(keys(0, 50));
    expect(Object.keys(full.metadata)).toHaveLength(50);
    expect((await failureOf(stripe.customers.update(full.id, { metadata: keys(50, 1) }))).message).toContain(
      "up to 50 keys",
    );
    expect((await failureOf(create({ ["k".repeat(41)]: "x" }))).message).toContain("up to 40 characters");
    expect((await failureOf(create({ "a[b]": "x" }))).message).toContain("square brackets");
    expect((await failureOf(create({ a: "x".repeat(501) }))).message).toContain("up to 500 characters");
    expect((await create({ ["k".repeat(40)]: "x".repeat(500) })).metadata).toEqual({
      ["k".repeat(40)]: "x".repeat(500),
    });
  });

  test("an idempotency key is limited to 255 characters", async () => {
    const create = (idempotencyKey: string) => stripe.customers.create({}, { idempotencyKey });
    expect(await failureOf(create("k".repeat(256)))).toMatchObject({ statusCode: 400 });
    expect((await create("k".repeat(255))).object).toBe("customer");
  });

  test("an invalid email address is rejected", async () => {
    const wrong = { statusCode: 400, code: "email_invalid", param: "email" };
    for (const email of ["ada", "ada@", "@example.com", "ada @example.com", "ada@example"]) {
      expect(await refusalOf(stripe.customers.create({ email })), email).toEqual(wrong);
    }
    const { id } = await stripe.customers.create({ email: "ada+news@mail.example.com" });
    expect(await refusalOf(stripe.customers.update(id, { email: "ada" }))).toEqual(wrong);
    expect(await refusalOf(sessionOf({ customer_email: "ada" }))).toMatchObject({ code: "email_invalid" });
  });

  test("a price interval is limited to three years", async () => {
    for (const [interval, count] of [
      ["day", 1096],
      ["week", 157],
      ["month", 37],
      ["year", 4],
    ] as const) {
      const recurring = { interval, interval_count: count };
      expect(await refusalOf(priceOf({ recurring })), interval).toEqual({
        statusCode: 400,
        param: "recurring[interval_count]",
      });
      expect((await priceOf({ recurring: { interval, interval_count: count - 1 } })).active).toBe(true);
    }
    expect(await refusalOf(priceOf({ recurring: { interval: "month", interval_count: 0 } }))).toMatchObject({
      param: "recurring[interval_count]",
    });
  });

  test("a webhook endpoint rejects unknown event types", async () => {
    const url = "http://127.0.0.1:9/hook";
    // A misspelled name, which JavaScript callers can send.
    const misspelt = new URLSearchParams({ url, "enabled_events[0]": "invoice.payed" });
    const send = (path: string) =>
      fetch(`${sandbox.url}/v1/webhook_endpoints${path}`, {
        method: "POST",
        headers: { authorization: "Bearer sk_test_1" },
        body: misspelt,
      });
    const refused = await send("");
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { param: "enabled_events[0]" } });
    const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ["invoice.paid"] });
    expect((await send(`/${endpoint.id}`)).status).toBe(400);
    expect((await stripe.webhookEndpoints.retrieve(endpoint.id)).enabled_events).toEqual(["invoice.paid"]);
  });
});

test("the control endpoints reject invalid numbers and change nothing", async () => {
  const before = await sandbox.control("chaos");
  for (const params of [
    { duplicate: -1 },
    { duplicate: 1.5 },
    { duplicate: "two" },
    { duplicate: 1_000_000 },
    { delayMs: -5 },
    { delayMs: null },
    { failNextApi: 500, failNextApiTimes: -1 },
    { failNextCharges: -2 },
    { drop: -1 },
    { reorder: "yes" },
    { endpointDown: 1 },
  ]) {
    await expect(sandbox.control("chaos", params), JSON.stringify(params)).rejects.toThrow(
      Object.keys(params).at(-1),
    );
  }
  expect(await sandbox.control("chaos")).toEqual(before);
  for (const params of [{ seconds: "soon" }, { months: 0.5 }, { seconds: 1, months: 1 }, { to: 1e12 }, {}]) {
    await expect(sandbox.control("clock/advance", params)).rejects.toThrow("Give `seconds`");
  }
  // The API still works: no switch was partially applied.
  expect((await clientOf(sandbox.url).customers.create({})).object).toBe("customer");
});
