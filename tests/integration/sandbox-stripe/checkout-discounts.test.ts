import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createPlan,
  failureOf,
  type SandboxClient,
  startSandbox,
  submitCard,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
let plan: Awaited<ReturnType<typeof createPlan>>;
let boots: Stripe.Price;
beforeAll(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.stripe;
  plan = await createPlan(stripe, "Pro", 1900);
  const product = await stripe.products.create({ name: "Boots" });
  boots = await stripe.prices.create({ product: product.id, currency: "usd", unit_amount: 5001 });
});
afterAll(() => sandbox.stop());

const places = { success_url: "http://shop.example/done", cancel_url: "http://shop.example/pricing" };

function openPlan(more: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  return stripe.checkout.sessions.create({
    mode: "subscription",
    line_items: [{ price: plan.month.id, quantity: 1 }],
    ...places,
    ...more,
  });
}

async function makeCode(code: string, coupon: Stripe.CouponCreateParams, more = {}) {
  const { id } = await stripe.coupons.create(coupon);
  return stripe.promotionCodes.create({ code, promotion: { type: "coupon", coupon: id }, ...more });
}

const type = async (url: string, code: string) => {
  const body = new URLSearchParams({ promotion_code: code });
  return (await fetch(url, { method: "POST", body })).text();
};

/** The subscription a completed session led to, with its first invoice. */
async function boughtBy(session: string) {
  const done = await stripe.checkout.sessions.retrieve(session, {
    expand: ["subscription", "invoice", "line_items"],
  });
  if (done.invoice === null || typeof done.invoice === "string") throw new Error("nothing was invoiced");
  return { done, invoice: done.invoice };
}

describe("a promotion code entered on the hosted page", () => {
  test("an entered code reduces the amount due and is redeemed only by the payment", async () => {
    const code = await makeCode("WELCOME", { percent_off: 15, duration: "once" });
    const { id, url } = await openPlan({ allow_promotion_codes: true });
    expect(await (await fetch(url ?? "")).text()).toContain("Promotion code");
    expect(await type(url ?? "", "WELCOM")).toContain("This code is invalid.");
    const page = await type(url ?? "", " welcome ");
    expect(page).toContain("Subscribe for $16.15");
    expect(page).toContain("15% off once");
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({
      amount_subtotal: 1900,
      amount_total: 1615,
      total_details: { amount_discount: 285 },
      discounts: [{ promotion_code: code.id }],
    });
    expect((await stripe.promotionCodes.retrieve(code.id)).times_redeemed).toBe(0);
    expect((await submitCard(url ?? "", "4242424242424242")).status).toBe(303);
    const { done, invoice } = await boughtBy(id);
    expect(done.line_items?.data[0]).toMatchObject({ amount_discount: 285, amount_total: 1615 });
    expect(invoice).toMatchObject({ status: "paid", total: 1615, amount_paid: 1615 });
    expect((await stripe.promotionCodes.retrieve(code.id)).times_redeemed).toBe(1);
  });

  test("an entered code can be removed, and a code used up meanwhile is reported before the charge", async () => {
    await makeCode("LAST", { percent_off: 50, max_redemptions: 1 });
    const [first, second] = [
      await openPlan({ allow_promotion_codes: true }),
      await openPlan({ allow_promotion_codes: true }),
    ];
    await type(first.url ?? "", "LAST");
    expect(await type(first.url ?? "", "")).toContain("Subscribe for $19.00");
    await type(first.url ?? "", "LAST");
    await type(second.url ?? "", "LAST");
    expect((await submitCard(first.url ?? "", "4242424242424242")).status).toBe(303);
    const refused = await submitCard(second.url ?? "", "4242424242424242");
    expect(refused.status).not.toBe(303);
    const text = await refused.text();
    expect(text).toContain("This discount is no longer available.");
    expect(text).toContain("Subscribe for $19.00");
    expect((await submitCard(second.url ?? "", "4242424242424242")).status).toBe(303);
    expect((await boughtBy(second.id)).invoice.total).toBe(1900);
  });

  test("a 100 % code leaves nothing to pay, and a code entered after a decline changes the next charge", async () => {
    await makeCode("FREE", { percent_off: 100 });
    await makeCode("THIRD", { percent_off: 33.33 });
    const free = await openPlan({ allow_promotion_codes: true });
    expect(await type(free.url ?? "", "FREE")).toContain("Subscribe for $0.00");
    expect((await submitCard(free.url ?? "", "4242424242424242")).status).toBe(303);
    expect((await boughtBy(free.id)).invoice).toMatchObject({ status: "paid", total: 0 });
    const late = await openPlan({ allow_promotion_codes: true });
    await submitCard(late.url ?? "", "4000000000000002");
    await type(late.url ?? "", "THIRD");
    expect((await submitCard(late.url ?? "", "4242424242424242")).status).toBe(303);
    const { invoice } = await boughtBy(late.id);
    expect(invoice).toMatchObject({ status: "paid", total: 1900 - 633, amount_paid: 1267 });
    const [charge] = (await stripe.charges.list({ customer: String(invoice.customer) })).data;
    expect(charge).toMatchObject({ status: "succeeded", amount: 1267 });
  });

  test("a code is rejected when the session does not allow promotion codes", async () => {
    const { url } = await openPlan();
    expect(await (await fetch(url ?? "")).text()).not.toContain("Promotion code");
    expect(await type(url ?? "", "WELCOME")).toContain("Subscribe for $19.00");
  });
});

describe("sessions created with a discount", () => {
  test("a session with a discount charges the reduced amount and shows it on the invoice", async () => {
    const coupon = await stripe.coupons.create({ amount_off: 1001, currency: "usd" });
    const session = await stripe.checkout.sessions.create({
      mode: "payment",
      line_items: [{ price: boots.id, quantity: 2 }],
      customer_creation: "always",
      invoice_creation: { enabled: true },
      discounts: [{ coupon: coupon.id }],
      ...places,
    });
    expect(session).toMatchObject({ amount_subtotal: 10_002, amount_total: 9001 });
    expect((await submitCard(session.url ?? "", "4242424242424242")).status).toBe(303);
    const { invoice } = await boughtBy(session.id);
    expect(invoice).toMatchObject({ status: "paid", total: 9001, amount_paid: 9001 });
    expect((await stripe.coupons.retrieve(coupon.id)).times_redeemed).toBe(1);
  });

  test("a once coupon survives the trial, and a first-purchase code works for a first purchase", async () => {
    const restrictions = { first_time_transaction: true };
    const code = await makeCode("FIRST", { percent_off: 10, duration: "forever" }, { restrictions });
    const { url, id } = await openPlan({ discounts: [{ promotion_code: code.id }] });
    expect((await submitCard(url ?? "", "4242424242424242")).status).toBe(303);
    const { done } = await boughtBy(id);
    const again = openPlan({ customer: String(done.customer), discounts: [{ promotion_code: code.id }] });
    expect((await failureOf(again)).message).toContain("prior transactions");
    const both = openPlan({ allow_promotion_codes: true, discounts: [{ promotion_code: code.id }] });
    expect((await failureOf(both)).param).toBe("allow_promotion_codes");
    const coupon = await stripe.coupons.create({ percent_off: 50 });
    const trial = await openPlan({
      discounts: [{ coupon: coupon.id }],
      subscription_data: { trial_period_days: 7 },
    });
    expect(trial.amount_total).toBe(0);
    expect((await submitCard(trial.url ?? "", "4242424242424242")).status).toBe(303);
    await sandbox.control("clock/advance", { seconds: 8 * 86_400 });
    const subscription = String(
      (await boughtBy(trial.id)).invoice.parent?.subscription_details?.subscription,
    );
    const [renewal] = (await stripe.invoices.list({ subscription, limit: 1 })).data;
    expect(renewal).toMatchObject({ status: "paid", total: 950 });
  });
});
