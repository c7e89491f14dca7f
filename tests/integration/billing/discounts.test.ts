import type Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { changePlan, keepPlan } from "#lib/billing/actions/change-plan.ts";
import { startTopUp } from "#lib/billing/actions/checkout.ts";
import { previewChange } from "#lib/billing/actions/preview-plan-change.ts";
import { readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  readGrants,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(async () => {
  await testEnv.reset();
  await testEnv.travel("2027-03-03T10:00:00Z");
});
afterAll(() => testEnv.close());

type DiscountedCustomer = { ada: Customer; customer: string; subscription: string };

async function subscribeWithDiscount(
  coupon: Stripe.CouponCreateParams,
  lookupKey = "pro_month",
): Promise<DiscountedCustomer> {
  const ada = await addCustomer(testEnv);
  const customer = await subscribe(testEnv, ada, lookupKey);
  const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
  const { id } = await testEnv.stripe.coupons.create(coupon);
  await testEnv.stripe.subscriptions.update(subscription?.id ?? "", { discounts: [{ coupon: id }] });
  await syncCustomer(customer);
  return { ada, customer, subscription: subscription?.id ?? "" };
}

const overview = (ada: Customer) =>
  readBillingOverview(testEnv.db, { workspaceId: ada.workspaceId, workspaceCreatedAt: now() }, now());

async function readNextPayment(ada: Customer) {
  const { nextPayment } = await overview(ada);
  if (nextPayment === null) throw new Error("No payment is announced.");
  return nextPayment;
}

/** Advances to the announced payment. @returns the collected amount in micro-USD */
async function collectPayment({ customer }: DiscountedCustomer, at: Date): Promise<number> {
  await testEnv.travel(new Date(at.getTime() + 2 * 3_600_000).toISOString());
  const [invoice] = (await testEnv.stripe.invoices.list({ customer, limit: 1 })).data;
  expect(invoice).toMatchObject({ status: "paid", created: at.getTime() / 1_000 });
  await syncCustomer(customer);
  return (invoice?.amount_due ?? 0) * 10_000;
}

async function previewAndChange(ada: Customer, lookupKey: string) {
  const preview = await previewChange(ada, lookupKey, now());
  if (preview === null) throw new Error("That plan runs already.");
  const { dueNowMicros, prorationDate } = preview;
  await changePlan(ada, { lookupKey, dueNowMicros, prorationDate }, now());
  expect((await readNextPayment(ada)).micros).toBe(preview.nextPayment.micros);
  return preview;
}

describe("the next payment matches the collected one", () => {
  test.each([
    ["a percentage forever", { percent_off: 50, duration: "forever" }, [9_500_000, 9_500_000]],
    ["an amount, once", { amount_off: 700, currency: "usd", duration: "once" }, [12_000_000, 19_000_000]],
    [
      "a percentage for two months",
      { percent_off: 10, duration: "repeating", duration_in_months: 2 },
      [17_100_000, 19_000_000],
    ],
    ["100 percent", { percent_off: 100, duration: "forever" }, [0, 0]],
  ] as const)(
    "the readNextPayment next payment is collectPayment with a discount of %s",
    async (_, coupon, payments) => {
      const subject = await subscribeWithDiscount(coupon);
      for (const micros of payments) {
        const next = await readNextPayment(subject.ada);
        expect(next.micros).toBe(micros);
        expect(await collectPayment(subject, next.at)).toBe(micros);
      }
    },
  );

  test("the next payment is reduced by the customer's balance at Stripe", async () => {
    const subject = await subscribeWithDiscount({ percent_off: 50, duration: "forever" });
    const credit = { amount: -1_200, currency: "usd" };
    await testEnv.stripe.customers.createBalanceTransaction(subject.customer, credit);
    await syncCustomer(subject.customer);
    for (const micros of [0, 7_000_000]) {
      const next = await readNextPayment(subject.ada);
      expect(next.micros).toBe(micros);
      expect(await collectPayment(subject, next.at)).toBe(micros);
    }
  });

  test("a discount of the customer applies to the subscription's next payment", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const { id } = await testEnv.stripe.coupons.create({ percent_off: 25, duration: "forever" });
    // Only older API versions accept this call; the resulting discount exists in every version.
    await fetch(`${testEnv.url}/v1/customers/${customer}`, {
      method: "POST",
      headers: { authorization: "Bearer sk_test_sandbox000000000000" },
      body: new URLSearchParams({ coupon: id }),
    });
    await syncCustomer(customer);
    const next = await readNextPayment(ada);
    expect(next.micros).toBe(14_250_000);
    expect(await collectPayment({ ada, customer, subscription: "" }, next.at)).toBe(14_250_000);
  });
});

describe("the previewed next payment of a change matches the collected one", () => {
  test("an upgrade keeps a running discount and does not restore a used one", async () => {
    const subject = await subscribeWithDiscount({ percent_off: 50, duration: "forever" });
    await testEnv.travel("2027-03-18T10:00:00Z");
    const { nextPayment } = await previewAndChange(subject.ada, "enterprise_month");
    expect(nextPayment.micros).toBe(49_500_000);
    expect(await collectPayment(subject, nextPayment.at)).toBe(49_500_000);
  });

  test("an upgrade below the minimum charge moves the amount to the next invoice and grants its credit now (M12, M20)", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await testEnv.travel("2027-04-03T07:00:00Z");
    const { nextPayment, dueNowMicros } = await previewAndChange(ada, "enterprise_month");
    expect(dueNowMicros).toBe(0);
    // Three hours of a month of 31 days, of which the difference is 80 USD: 0.32 USD.
    expect(nextPayment.micros).toBe(99_320_000);
    const given = await readGrants(testEnv, ada);
    expect(given.at(-1)).toMatchObject({ amountMicros: Math.floor((85_000_000 * 3) / (31 * 24)) });
    expect(await collectPayment({ ada, customer, subscription: "" }, nextPayment.at)).toBe(99_320_000);
  });

  test("changing the interval uses a one-time discount on the immediate invoice", async () => {
    const subject = await subscribeWithDiscount({ amount_off: 700, currency: "usd", duration: "once" });
    await testEnv.travel("2027-03-18T10:00:00Z");
    const { nextPayment, dueNowMicros } = await previewAndChange(subject.ada, "pro_year");
    expect(nextPayment.micros).toBe(190_000_000);
    expect(dueNowMicros).toBeLessThan(190_000_000 - 7_000_000);
    expect(await collectPayment(subject, (await readNextPayment(subject.ada)).at)).toBe(190_000_000);
  });

  test("a discount for some months has ended when the next yearly invoice is collected", async () => {
    const coupon = { percent_off: 50, duration: "repeating", duration_in_months: 3 } as const;
    const subject = await subscribeWithDiscount(coupon);
    const { nextPayment, dueNowMicros } = await previewAndChange(subject.ada, "pro_year");
    expect(dueNowMicros).toBeLessThan(95_000_000);
    expect(nextPayment.micros).toBe(190_000_000);
    // The year starts at the second of the change, not of its preview.
    expect(await collectPayment(subject, (await readNextPayment(subject.ada)).at)).toBe(190_000_000);
  });

  test("a scheduled downgrade keeps the discount", async () => {
    const subject = await subscribeWithDiscount({ percent_off: 50, duration: "forever" }, "enterprise_month");
    const { nextPayment, dueNowMicros } = await previewAndChange(subject.ada, "pro_month");
    expect([dueNowMicros, nextPayment.micros]).toEqual([0, 9_500_000]);
    expect(await collectPayment(subject, nextPayment.at)).toBe(9_500_000);
    const after = await readNextPayment(subject.ada);
    expect(await collectPayment(subject, after.at)).toBe(9_500_000);
  });

  test("a scheduled change to a shorter interval keeps the discount", async () => {
    const subject = await subscribeWithDiscount({ percent_off: 50, duration: "forever" }, "pro_year");
    const { nextPayment } = await previewAndChange(subject.ada, "pro_month");
    expect(nextPayment.micros).toBe(9_500_000);
    expect(await collectPayment(subject, nextPayment.at)).toBe(9_500_000);
  });

  test("undoing a scheduled downgrade keeps the discount", async () => {
    const subject = await subscribeWithDiscount({ percent_off: 50, duration: "forever" }, "enterprise_month");
    await previewAndChange(subject.ada, "pro_month");
    await keepPlan(subject.ada, now());
    const next = await readNextPayment(subject.ada);
    expect(next.micros).toBe(49_500_000);
    expect(await collectPayment(subject, next.at)).toBe(49_500_000);
  });

  test("a discount that ends before the scheduled change does not lower its payment", async () => {
    const coupon = { percent_off: 50, duration: "repeating", duration_in_months: 1 } as const;
    const subject = await subscribeWithDiscount(coupon, "enterprise_month");
    const { nextPayment } = await previewAndChange(subject.ada, "pro_month");
    expect(nextPayment.micros).toBe(19_000_000);
    expect(await collectPayment(subject, nextPayment.at)).toBe(19_000_000);
  });
});

test("the Checkout of a top-up accepts no promotion code", async () => {
  const ada = await addCustomer(testEnv);
  await startTopUp(ada, "top_up_20", now());
  const [session] = (await testEnv.stripe.checkout.sessions.list()).data;
  expect(session).toMatchObject({ mode: "payment", allow_promotion_codes: false });
});
