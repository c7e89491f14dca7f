import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  createPlan,
  failureOf,
  type SandboxClient,
  seconds,
  startSandbox,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let price: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  price = (await createPlan(sandbox.stripe, "Pro", 1900)).month.id;
});
afterEach(() => sandbox.stop());

describe("refunds", () => {
  test("partial refunds add up to at most the paid amount", async () => {
    const { stripe } = sandbox;
    const { customer } = await subscribe(stripe, price);
    const [charge] = (await stripe.charges.list({ customer })).data;
    const id = charge?.id ?? "";
    const part = await stripe.refunds.create({ charge: id, amount: 500, reason: "requested_by_customer" });
    expect(part).toMatchObject({ amount: 500, status: "succeeded", charge: id });
    expect(await stripe.charges.retrieve(id)).toMatchObject({ amount_refunded: 500, refunded: false });
    expect((await failureOf(stripe.refunds.create({ charge: id, amount: 1401 }))).param).toBe("amount");
    const rest = await stripe.refunds.create({ payment_intent: String(charge?.payment_intent) });
    expect(rest.amount).toBe(1400);
    const refunded = await stripe.charges.retrieve(id, { expand: ["refunds"] });
    expect(refunded).toMatchObject({ amount_refunded: 1900, refunded: true });
    expect(refunded.refunds?.data.map((refund) => refund.amount)).toEqual([1400, 500]);
    expect((await failureOf(stripe.refunds.create({ charge: id }))).code).toBe("charge_already_refunded");
    expect(await all(stripe.events.list({ type: "charge.refunded" }))).toHaveLength(2);
  });
});

describe("customers", () => {
  test("deleting a customer cancels its subscriptions and returns it as deleted", async () => {
    const { stripe } = sandbox;
    const { customer, subscription } = await subscribe(stripe, price);
    expect(await stripe.customers.del(customer)).toMatchObject({ deleted: true });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ id: customer, deleted: true });
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("canceled");
    expect((await failureOf(stripe.customers.update(customer, { name: "Ada" }))).code).toBe(
      "resource_missing",
    );
    expect((await stripe.invoices.list({ customer })).data).toHaveLength(1);
  });

  test("detaching the default card clears the customer's default", async () => {
    const { stripe } = sandbox;
    const { customer, subscription } = await subscribe(stripe, price);
    const [card] = (await stripe.paymentMethods.list({ customer })).data;
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: card?.id ?? "" } });
    expect((await stripe.paymentMethods.detach(card?.id ?? "")).customer).toBeNull();
    expect((await stripe.paymentMethods.list({ customer })).data).toEqual([]);
    expect(await stripe.customers.retrieve(customer)).toMatchObject({
      invoice_settings: { default_payment_method: null },
    });
    expect((await stripe.subscriptions.retrieve(subscription.id)).default_payment_method).toBeNull();
  });

  test("attaching a card that fails to attach is rejected", async () => {
    const customer = await sandbox.stripe.customers.create({ email: "no@example.com" });
    const error = await failureOf(
      sandbox.stripe.paymentMethods.attach("pm_card_chargeDeclined", { customer: customer.id }),
    );
    expect([error.type, error.statusCode]).toEqual(["StripeCardError", 402]);
    const input = { email: "never@example.com", payment_method: "pm_card_chargeDeclined" };
    await failureOf(sandbox.stripe.customers.create(input));
    expect((await sandbox.stripe.customers.list({ email: "never@example.com" })).data).toEqual([]);
  });
});

describe("a test clock", () => {
  test("a test clock advances only its own customers and deletes them when it is deleted", async () => {
    const { stripe } = sandbox;
    const clock = await stripe.testHelpers.testClocks.create({
      frozen_time: seconds("2030-01-31T00:00:00Z"),
    });
    const begin = async (testClock?: string) => {
      const customer = await stripe.customers.create({ ...(testClock ? { test_clock: testClock } : {}) });
      const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
      return stripe.subscriptions.create({
        customer: customer.id,
        items: [{ price }],
        default_payment_method: card.id,
      });
    };
    const clocked = await begin(clock.id);
    const free = await begin();
    expect(clocked.start_date).toBe(seconds("2030-01-31T00:00:00Z"));
    await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: seconds("2030-03-01T00:00:00Z") });
    expect(await stripe.testHelpers.testClocks.retrieve(clock.id)).toMatchObject({ status: "ready" });
    const invoices = await all(stripe.invoices.list({ subscription: clocked.id }));
    expect(invoices.map((invoice) => [invoice.status, invoice.created])).toEqual([
      ["paid", seconds("2030-02-28T00:00:00Z")],
      ["paid", seconds("2030-01-31T00:00:00Z")],
    ]);
    expect(await all(stripe.invoices.list({ subscription: free.id }))).toHaveLength(1);
    await stripe.testHelpers.testClocks.del(clock.id);
    expect((await stripe.subscriptions.retrieve(clocked.id)).status).toBe("canceled");
    expect((await stripe.subscriptions.retrieve(free.id)).status).toBe("active");
  });
});

describe("the control endpoints", () => {
  test("the clock moves forward only, and reset deletes all objects", async () => {
    await expect(sandbox.control("clock/advance", { to: "2001-01-01T00:00:00Z" })).rejects.toThrow(
      "cannot go back",
    );
    await expect(sandbox.control("clock/advance", { seconds: "soon" })).rejects.toThrow("Give");
    await sandbox.control("clock/advance", { months: 1 });
    await sandbox.control("reset", {});
    expect(await sandbox.control("clock")).toMatchObject({ offset_seconds: 0 });
    expect((await sandbox.stripe.prices.list()).data).toEqual([]);
  });

  test("the dashboard shows all objects, including event payloads and deliveries", async () => {
    const { customer } = await subscribe(sandbox.stripe, price);
    const read = async (path: string) => (await fetch(`${sandbox.url}${path}`)).text();
    expect(await read("/")).toContain(customer);
    expect(await read("/subscriptions")).toContain("$19.00 / month");
    expect(await read("/invoices")).toContain("-0001");
    const [event] = (await sandbox.stripe.events.list({ limit: 1 })).data;
    expect(await read("/events")).toContain(event?.id ?? "none");
    expect(await read(`/events/${event?.id}`)).toContain("Payload");
    await fetch(`${sandbox.url}/`, { method: "POST", body: new URLSearchParams({ action: "month" }) });
    expect(Number((await sandbox.control("clock")).offset_seconds)).toBeGreaterThan(27 * 86_400);
  });
});
