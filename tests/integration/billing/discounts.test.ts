import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBilling } from "#lib/billing/reports/billing-overview.ts";
import { changePlan, keepPlan, previewChange } from "#lib/billing/change-plan.ts";
import { startTopUp } from "#lib/billing/checkout.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  grantsOf,
  subscribe,
} from "#tests/integration/billing/billing-world.ts";

let world: BillingWorld;
beforeEach(async () => {
  world = await createBillingWorld();
  await world.travel("2027-03-03T10:00:00Z");
});
afterEach(() => world.close());

type Somebody = { ada: Customer; customer: string; subscription: string };

async function discounted(coupon: Stripe.CouponCreateParams, lookupKey = "pro_month"): Promise<Somebody> {
  const ada = await addCustomer(world);
  const customer = await subscribe(world, ada, lookupKey);
  const [subscription] = (await world.stripe.subscriptions.list({ customer })).data;
  const { id } = await world.stripe.coupons.create(coupon);
  await world.stripe.subscriptions.update(subscription?.id ?? "", { discounts: [{ coupon: id }] });
  await syncCustomer(customer);
  return { ada, customer, subscription: subscription?.id ?? "" };
}

const overview = (ada: Customer) =>
  readBilling(world.db, { workspaceId: ada.workspaceId, workspaceCreatedAt: now() }, now());

async function shown(ada: Customer) {
  const { nextPayment } = await overview(ada);
  if (nextPayment === null) throw new Error("No payment is announced.");
  return nextPayment;
}

/** Lets an announced payment come. @returns what was asked for, in micro-USD */
async function collected({ customer }: Somebody, at: Date): Promise<number> {
  await world.travel(new Date(at.getTime() + 2 * 3_600_000).toISOString());
  const [invoice] = (await world.stripe.invoices.list({ customer, limit: 1 })).data;
  expect(invoice).toMatchObject({ status: "paid", created: at.getTime() / 1_000 });
  await syncCustomer(customer);
  return (invoice?.amount_due ?? 0) * 10_000;
}

async function change(ada: Customer, lookupKey: string) {
  const preview = await previewChange(ada, lookupKey, now());
  if (preview === null) throw new Error("That plan runs already.");
  const { dueNowMicros, reckonedAt } = preview;
  await changePlan(ada, { lookupKey, dueNowMicros, reckonedAt }, now());
  expect((await shown(ada)).micros).toBe(preview.nextPayment.micros);
  return preview;
}

describe("the next payment that is shown is the one that is collected", () => {
  test.each([
    ["a share for ever", { percent_off: 50, duration: "forever" }, [9_500_000, 9_500_000]],
    ["a sum, once", { amount_off: 700, currency: "usd", duration: "once" }, [12_000_000, 19_000_000]],
    [
      "a share for two months",
      { percent_off: 10, duration: "repeating", duration_in_months: 2 },
      [17_100_000, 19_000_000],
    ],
    ["all of it", { percent_off: 100, duration: "forever" }, [0, 0]],
  ] as const)("%s", async (_, coupon, payments) => {
    const somebody = await discounted(coupon);
    for (const micros of payments) {
      const next = await shown(somebody.ada);
      expect(next.micros).toBe(micros);
      expect(await collected(somebody, next.at)).toBe(micros);
    }
  });

  test("what the customer's balance holds is taken off", async () => {
    const somebody = await discounted({ percent_off: 50, duration: "forever" });
    const credit = { amount: -1_200, currency: "usd" };
    await world.stripe.customers.createBalanceTransaction(somebody.customer, credit);
    await syncCustomer(somebody.customer);
    for (const micros of [0, 7_000_000]) {
      const next = await shown(somebody.ada);
      expect(next.micros).toBe(micros);
      expect(await collected(somebody, next.at)).toBe(micros);
    }
  });

  test("a discount of the customer's is one of the subscription's", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const { id } = await world.stripe.coupons.create({ percent_off: 25, duration: "forever" });
    // A call of an older version of the API; what it leads to is part of every version.
    await fetch(`${world.url}/v1/customers/${customer}`, {
      method: "POST",
      headers: { authorization: "Bearer sk_test_sandbox000000000000" },
      body: new URLSearchParams({ coupon: id }),
    });
    await syncCustomer(customer);
    const next = await shown(ada);
    expect(next.micros).toBe(14_250_000);
    expect(await collected({ ada, customer, subscription: "" }, next.at)).toBe(14_250_000);
  });
});

describe("what a change costs next time is what is collected then", () => {
  test("more at once: the discount goes on, and what was used up does not come back", async () => {
    const somebody = await discounted({ percent_off: 50, duration: "forever" });
    await world.travel("2027-03-18T10:00:00Z");
    const { nextPayment } = await change(somebody.ada, "enterprise_month");
    expect(nextPayment.micros).toBe(49_500_000);
    expect(await collected(somebody, nextPayment.at)).toBe(49_500_000);
  });

  test("less than a card can be charged is carried to the next invoice, and brings its credit now (M12, M20)", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await world.travel("2027-04-03T07:00:00Z");
    const { nextPayment, dueNowMicros } = await change(ada, "enterprise_month");
    expect(dueNowMicros).toBe(0);
    // Three hours of a month of 31 days, of which the difference is 80 USD: 0.32 USD.
    expect(nextPayment.micros).toBe(99_320_000);
    const given = await grantsOf(world, ada);
    expect(given.at(-1)).toMatchObject({ amountMicros: Math.floor((85_000_000 * 3) / (31 * 24)) });
    expect(await collected({ ada, customer, subscription: "" }, nextPayment.at)).toBe(99_320_000);
  });

  test("another interval at once: a discount for once is spent on today's invoice", async () => {
    const somebody = await discounted({ amount_off: 700, currency: "usd", duration: "once" });
    await world.travel("2027-03-18T10:00:00Z");
    const { nextPayment, dueNowMicros } = await change(somebody.ada, "pro_year");
    expect(nextPayment.micros).toBe(190_000_000);
    expect(dueNowMicros).toBeLessThan(190_000_000 - 7_000_000);
    expect(await collected(somebody, (await shown(somebody.ada)).at)).toBe(190_000_000);
  });

  test("another interval at once: a discount for some months has ended when the year has", async () => {
    const coupon = { percent_off: 50, duration: "repeating", duration_in_months: 3 } as const;
    const somebody = await discounted(coupon);
    const { nextPayment, dueNowMicros } = await change(somebody.ada, "pro_year");
    expect(dueNowMicros).toBeLessThan(95_000_000);
    expect(nextPayment.micros).toBe(190_000_000);
    // The year begins in the second of the change, not of its preview.
    expect(await collected(somebody, (await shown(somebody.ada)).at)).toBe(190_000_000);
  });

  test("less at the period's end: a schedule takes the discount along, and it is not lost on the way", async () => {
    const somebody = await discounted({ percent_off: 50, duration: "forever" }, "enterprise_month");
    const { nextPayment, dueNowMicros } = await change(somebody.ada, "pro_month");
    expect([dueNowMicros, nextPayment.micros]).toEqual([0, 9_500_000]);
    expect(await collected(somebody, nextPayment.at)).toBe(9_500_000);
    const after = await shown(somebody.ada);
    expect(await collected(somebody, after.at)).toBe(9_500_000);
  });

  test("a shorter interval at the period's end", async () => {
    const somebody = await discounted({ percent_off: 50, duration: "forever" }, "pro_year");
    const { nextPayment } = await change(somebody.ada, "pro_month");
    expect(nextPayment.micros).toBe(9_500_000);
    expect(await collected(somebody, nextPayment.at)).toBe(9_500_000);
  });

  test("kept after all: the discount is still there", async () => {
    const somebody = await discounted({ percent_off: 50, duration: "forever" }, "enterprise_month");
    await change(somebody.ada, "pro_month");
    await keepPlan(somebody.ada, now());
    const next = await shown(somebody.ada);
    expect(next.micros).toBe(49_500_000);
    expect(await collected(somebody, next.at)).toBe(49_500_000);
  });

  test("a discount that ends before it is not reckoned with", async () => {
    const coupon = { percent_off: 50, duration: "repeating", duration_in_months: 1 } as const;
    const somebody = await discounted(coupon, "enterprise_month");
    const { nextPayment } = await change(somebody.ada, "pro_month");
    expect(nextPayment.micros).toBe(19_000_000);
    expect(await collected(somebody, nextPayment.at)).toBe(19_000_000);
  });
});

test("credit is sold at its price: its Checkout takes no promotion code", async () => {
  const ada = await addCustomer(world);
  await startTopUp(ada, "top_up_20", now());
  const [session] = (await world.stripe.checkout.sessions.list()).data;
  expect(session).toMatchObject({ mode: "payment", allow_promotion_codes: false });
});
