import Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  createPlan,
  failureOf,
  payingCustomer,
  type SandboxClient,
  seconds,
  startSandbox,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
let pro: Awaited<ReturnType<typeof createPlan>>;
beforeEach(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.stripe;
  pro = await createPlan(stripe, "Pro", 1900);
});
afterEach(() => sandbox.stop());

const advance = (params: { seconds?: number; months?: number; to?: string }) =>
  sandbox.control("clock/advance", params);

async function begin(more: Partial<Stripe.SubscriptionCreateParams> = {}, price = pro.month.id) {
  const customer = more.customer ?? (await payingCustomer(stripe));
  return stripe.subscriptions.create({ items: [{ price }], ...more, customer });
}

/** A one-time price of a plan's product. */
async function onceOf({ product }: typeof pro): Promise<string> {
  return (await stripe.prices.create({ product: product.id, currency: "usd", unit_amount: 1000 })).id;
}

/** Totals of a subscription's invoices, oldest first. */
async function totals(subscription: string): Promise<number[]> {
  const invoices = await all(stripe.invoices.list({ subscription }));
  return invoices.map((invoice) => invoice.total).reverse();
}

async function months(count: number) {
  for (let month = 0; month < count; month += 1) await advance({ months: 1 });
}

describe("coupons", () => {
  test("a once coupon ends with the first invoice that it discounts", async () => {
    const coupon = await stripe.coupons.create({ percent_off: 25.5, duration: "once" });
    const { id } = await begin({ discounts: [{ coupon: coupon.id }] });
    await months(2);
    // 25.5 % of 19.00 is 4.845, which is rounded half up.
    expect(await totals(id)).toEqual([1900 - 485, 1900, 1900]);
    expect((await stripe.subscriptions.retrieve(id)).discounts).toEqual([]);
    expect(await stripe.coupons.retrieve(coupon.id)).toMatchObject({ times_redeemed: 1, valid: true });
    const types = (await all(stripe.events.list({ type: "customer.discount.*" }))).map(({ type }) => type);
    expect(types.reverse()).toEqual(["customer.discount.created", "customer.discount.deleted"]);
  });

  test("a once coupon survives a trial until the first invoice with an amount", async () => {
    const coupon = await stripe.coupons.create({ amount_off: 500, currency: "usd" });
    const { id } = await begin({ discounts: [{ coupon: coupon.id }], trial_period_days: 14 });
    await advance({ seconds: 15 * 86_400 });
    expect(await totals(id)).toEqual([0, 1400]);
  });

  test("a three-month coupon discounts three invoices, also across month ends", async () => {
    await advance({ to: "2030-01-31T10:00:00Z" });
    const coupon = await stripe.coupons.create({
      percent_off: 10,
      duration: "repeating",
      duration_in_months: 3,
    });
    const { id, discounts } = await begin({ discounts: [{ coupon: coupon.id }], expand: ["discounts"] });
    // The sandbox's clock advances during the calls.
    const end = Math.floor(Number(typeof discounts[0] === "object" && discounts[0].end) / 60) * 60;
    expect(end).toBe(seconds("2030-04-30T10:00:00Z"));
    expect(discounts[0]).toMatchObject({ subscription: id });
    await advance({ to: "2030-04-15T00:00:00Z" });
    expect((await stripe.invoices.createPreview({ subscription: id })).total).toBe(1900);
    await advance({ to: "2030-06-01T00:00:00Z" });
    expect(await totals(id)).toEqual([1710, 1710, 1710, 1900, 1900]);
    expect((await stripe.subscriptions.retrieve(id)).discounts).toEqual([]);
  });

  test("a forever coupon keeps discounting after its deletion until the discount is removed", async () => {
    const coupon = await stripe.coupons.create({ amount_off: 2500, currency: "usd", duration: "forever" });
    const { id } = await begin({ discounts: [{ coupon: coupon.id }] });
    expect(await stripe.coupons.del(coupon.id)).toMatchObject({ deleted: true });
    await months(1);
    expect(await stripe.subscriptions.deleteDiscount(id)).toMatchObject({
      deleted: true,
      source: { coupon: coupon.id },
    });
    await months(1);
    expect(await totals(id)).toEqual([0, 0, 1900]);
  });

  test("a product coupon discounts only its product, and an item's discount precedes the subscription's", async () => {
    const extra = await createPlan(stripe, "Extra", 700);
    const limited = await stripe.coupons.create({
      percent_off: 50,
      duration: "forever",
      applies_to: { products: [extra.product.id] },
    });
    const general = await stripe.coupons.create({ amount_off: 1000, currency: "usd", duration: "forever" });
    const customer = await payingCustomer(stripe);
    const { latest_invoice: invoice } = await stripe.subscriptions.create({
      customer,
      items: [{ price: pro.month.id }, { price: extra.month.id, discounts: [{ coupon: limited.id }] }],
      discounts: [{ coupon: general.id }],
      expand: ["latest_invoice"],
    });
    if (invoice === null || typeof invoice === "string") throw new Error("the invoice was expanded");
    expect(invoice).toMatchObject({ subtotal: 1900 + 350, total: 1250, amount_paid: 1250 });
    const off = invoice.lines.data.map((line) => line.discount_amounts?.map(({ amount }) => amount));
    // 10.00 off 22.50, in proportion to 19.00 and 3.50.
    expect(off).toEqual([[844], [350, 156]]);
    expect(invoice.total_discount_amounts?.map(({ amount }) => amount)).toEqual([350, 1000]);
    const whole = await stripe.invoices.create({ customer, discounts: [{ coupon: limited.id }] });
    const lines = [{ pricing: { price: await onceOf(extra) } }, { pricing: { price: await onceOf(pro) } }];
    const { lines: limitedLines } = await stripe.invoices.addLines(whole.id, { lines });
    expect(limitedLines.data.map((line) => line.discount_amounts?.length)).toEqual([1, 0]);
    const scope = await stripe.coupons.retrieve(limited.id, { expand: ["applies_to"] });
    expect(scope.applies_to?.products).toEqual([extra.product.id]);
  });

  test("a coupon is rejected beyond its maximum redemptions, its redeem-by date or its currency", async () => {
    const twice = await stripe.coupons.create({ percent_off: 10, max_redemptions: 2 });
    await begin({ discounts: [{ coupon: twice.id }] });
    await begin({ discounts: [{ coupon: twice.id }] });
    expect(await stripe.coupons.retrieve(twice.id)).toMatchObject({ times_redeemed: 2, valid: false });
    const refused = await failureOf(begin({ discounts: [{ coupon: twice.id }] }));
    expect(refused).toMatchObject({ code: "coupon_expired", param: "discounts[0][coupon]" });
    const { now } = await sandbox.control("clock");
    const brief = await stripe.coupons.create({ percent_off: 10, redeem_by: Number(now) + 60 });
    await advance({ seconds: 61 });
    expect((await stripe.coupons.retrieve(brief.id)).valid).toBe(false);
    expect((await failureOf(begin({ discounts: [{ coupon: brief.id }] }))).code).toBe("coupon_expired");
    const euro = await stripe.coupons.create({ amount_off: 100, currency: "eur" });
    expect((await failureOf(begin({ discounts: [{ coupon: euro.id }] }))).message).toContain("currency");
  });
});

describe("changing discounts", () => {
  test("a subscription's new discount applies from the next invoice and can be replaced or removed", async () => {
    const tenth = await stripe.coupons.create({ percent_off: 10, duration: "forever" });
    const half = await stripe.coupons.create({ percent_off: 50, duration: "forever" });
    const { id } = await begin();
    const update = (discounts: Stripe.SubscriptionUpdateParams["discounts"]) =>
      stripe.subscriptions.update(id, discounts === undefined ? {} : { discounts });
    await update([{ coupon: tenth.id }]);
    await months(1);
    const [existing = ""] = (await stripe.subscriptions.retrieve(id)).discounts;
    const both = await update([{ discount: String(existing) }, { coupon: half.id }]);
    expect(both.discounts[0]).toBe(existing);
    await months(1);
    expect((await update("")).discounts).toEqual([]);
    await months(1);
    // Half of the amount after the 10 % discount: 19.00, 17.10, 8.55, 19.00.
    expect(await totals(id)).toEqual([1900, 1710, 855, 1900]);
    expect((await stripe.coupons.retrieve(tenth.id)).times_redeemed).toBe(1);
  });

  test("an item's discount names its item and ends with it", async () => {
    const extra = await createPlan(stripe, "Extra", 700);
    const coupon = await stripe.coupons.create({ percent_off: 50, duration: "forever" });
    const { id } = await begin();
    const item = await stripe.subscriptionItems.create({
      subscription: id,
      price: extra.month.id,
      discounts: [{ coupon: coupon.id }],
      proration_behavior: "none",
      expand: ["discounts"],
    });
    expect(item.discounts[0]).toMatchObject({ subscription: id, subscription_item: item.id });
    await months(1);
    await stripe.subscriptionItems.del(item.id, { proration_behavior: "none" });
    await months(1);
    expect(await totals(id)).toEqual([1900, 1900 + 350, 1900]);
    expect(await all(stripe.events.list({ type: "customer.discount.deleted" }))).toHaveLength(1);
  });

  test("a customer's discount applies to everything without its own; only older API versions set it", async () => {
    const coupon = await stripe.coupons.create({ percent_off: 10, duration: "forever" });
    const other = await stripe.coupons.create({ percent_off: 20, duration: "forever" });
    const customer = await payingCustomer(stripe);
    const setCoupon = async (id: string, version: Record<string, string> = {}) => {
      const headers = { authorization: "Bearer sk_test_sandbox000000000000", ...version };
      const body = new URLSearchParams({ coupon: id });
      return fetch(`${sandbox.url}/v1/customers/${customer}`, { method: "POST", headers, body });
    };
    expect((await setCoupon(coupon.id, { "stripe-version": Stripe.API_VERSION })).status).toBe(400);
    expect((await setCoupon(coupon.id)).status).toBe(200);
    const { id } = await begin({ customer });
    const own = await begin({ customer, discounts: [{ coupon: other.id }] });
    expect([await totals(id), await totals(own.id)]).toEqual([[1710], [1520]]);
    expect((await stripe.invoices.createPreview({ subscription: id })).total).toBe(1710);
    await setCoupon(other.id);
    const [updated] = await all(stripe.events.list({ type: "customer.discount.updated" }));
    expect(updated?.data.previous_attributes).toMatchObject({ source: { coupon: coupon.id } });
    await months(1);
    expect(await totals(id)).toEqual([1710, 1520]);
    expect(await stripe.customers.deleteDiscount(customer)).toMatchObject({ deleted: true });
    expect((await failureOf(stripe.customers.deleteDiscount(customer))).statusCode).toBe(404);
    await months(1);
    expect(await totals(id)).toEqual([1710, 1520, 1900]);
  });
});

describe("previews of discounts", () => {
  test("a preview shows the discounts that will apply and redeems nothing", async () => {
    const coupon = await stripe.coupons.create({ percent_off: 20, duration: "forever" });
    const { id } = await begin({ discounts: [{ coupon: coupon.id }] });
    const half = await stripe.coupons.create({ percent_off: 50 });
    const preview = (discounts?: Stripe.InvoiceCreatePreviewParams["discounts"]) =>
      stripe.invoices.createPreview({ subscription: id, ...(discounts === undefined ? {} : { discounts }) });
    expect((await preview()).total).toBe(1520);
    expect((await preview([{ coupon: half.id }])).total).toBe(950);
    expect((await preview("")).total).toBe(1900);
    expect((await stripe.coupons.retrieve(half.id)).times_redeemed).toBe(0);
    expect(await all(stripe.events.list({ type: "coupon.updated" }))).toHaveLength(1);
    await months(1);
    expect(await totals(id)).toEqual([1520, 1520]);
  });

  test("a preview accepts items that do not exist yet, with and without a subscription", async () => {
    const half = await stripe.coupons.create({ percent_off: 50 });
    const customer = await payingCustomer(stripe);
    const work = { amount: 1001, currency: "usd", description: "Work" };
    const items = [
      { ...work, discounts: [{ coupon: half.id }] },
      { ...work, amount: 2000 },
    ];
    const alone = await stripe.invoices.createPreview({ customer, invoice_items: items });
    expect(alone.lines.data.map((line) => line.discount_amounts?.[0]?.amount ?? 0)).toEqual([501, 0]);
    expect(alone).toMatchObject({ subtotal: 2500, total: 2500 });
    const { id } = await begin({ customer });
    const both = await stripe.invoices.createPreview({ subscription: id, invoice_items: items });
    expect(both.total).toBe(2500 + 1900);
    expect((await stripe.invoiceItems.list({ customer })).data).toEqual([]);
  });

  test("the preview of an upgrade credits the discounted amount that was paid, not the list price", async () => {
    const enterprise = await createPlan(stripe, "Enterprise", 9900);
    const coupon = await stripe.coupons.create({ percent_off: 40, duration: "once" });
    const { id, items } = await begin({ discounts: [{ coupon: coupon.id }] });
    const [item] = items.data;
    const start = item?.current_period_start ?? 0;
    const length = (item?.current_period_end ?? 0) - start;
    await advance({ to: new Date((start + length / 4) * 1000).toISOString() });
    const change = {
      items: [{ id: item?.id ?? "", price: enterprise.month.id }],
      proration_behavior: "always_invoice" as const,
      proration_date: start + length / 4,
    };
    const preview = await stripe.invoices.createPreview({ subscription: id, subscription_details: change });
    expect(preview.lines.data.map((line) => line.amount)).toEqual([-855, 7425]);
    await stripe.subscriptions.update(id, change);
    expect(await totals(id)).toEqual([1140, preview.total]);
    const [charged, credited] = await all(stripe.invoiceItems.list());
    expect(charged?.proration_details?.discount_amounts).toEqual([]);
    expect(credited?.proration_details?.discount_amounts).toMatchObject([{ amount: -570 }]);
  });
});

describe("promotion codes", () => {
  const code = async (more: Partial<Stripe.PromotionCodeCreateParams> = {}) => {
    const coupon = await stripe.coupons.create({ percent_off: 10 });
    return stripe.promotionCodes.create({ promotion: { type: "coupon", coupon: coupon.id }, ...more });
  };
  const use = (id: string, customer?: string) =>
    begin({ discounts: [{ promotion_code: id }], ...(customer ? { customer } : {}) });

  test("a promotion code with one redemption becomes inactive after it", async () => {
    const { id } = await code({ code: "ONCE", max_redemptions: 1 });
    const { id: subscription } = await use(id);
    expect(await totals(subscription)).toEqual([1710]);
    expect(await stripe.promotionCodes.retrieve(id)).toMatchObject({ active: false, times_redeemed: 1 });
    expect((await failureOf(use(id))).param).toBe("discounts[0][promotion_code]");
    expect((await failureOf(stripe.promotionCodes.update(id, { active: true }))).statusCode).toBe(400);
  });

  test("a promotion code enforces its customer, first purchase, minimum amount and expiry", async () => {
    const [ada, grace] = [await payingCustomer(stripe), await payingCustomer(stripe)];
    const own = await code({ customer: ada });
    expect((await failureOf(use(own.id, grace))).statusCode).toBe(400);
    await use(own.id, ada);
    const first = await code({ restrictions: { first_time_transaction: true } });
    expect((await failureOf(use(first.id, ada))).message).toContain("prior transactions");
    await use(first.id, grace);
    const big = await code({ restrictions: { minimum_amount: 2000, minimum_amount_currency: "usd" } });
    expect((await failureOf(use(big.id))).message).toContain("minimum amount");
    const { now } = await sandbox.control("clock");
    const brief = await code({ expires_at: Number(now) + 60 });
    await advance({ seconds: 60 });
    expect((await stripe.promotionCodes.retrieve(brief.id)).active).toBe(false);
    expect((await failureOf(use(brief.id))).statusCode).toBe(400);
  });

  test("an active promotion code is unique regardless of case and is found by its code", async () => {
    const { id } = await code({ code: "Spring" });
    expect((await failureOf(code({ code: "SPRING" }))).code).toBe("resource_already_exists");
    expect((await stripe.promotionCodes.list({ code: "spring" })).data.map((row) => row.id)).toEqual([id]);
    await stripe.promotionCodes.update(id, { active: false });
    await code({ code: "SPRING" });
  });
});
