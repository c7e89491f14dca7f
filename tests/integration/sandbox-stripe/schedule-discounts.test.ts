import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  createPlan,
  failureOf,
  payingCustomer,
  type SandboxClient,
  startSandbox,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
let pro: Awaited<ReturnType<typeof createPlan>>;
let big: Awaited<ReturnType<typeof createPlan>>;
beforeEach(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.stripe;
  pro = await createPlan(stripe, "Pro", 1900);
  big = await createPlan(stripe, "Big", 9900);
});
afterEach(() => sandbox.stop());

const month = () => sandbox.control("clock/advance", { months: 1 });
type PhaseDiscounts = Stripe.SubscriptionScheduleUpdateParams.Phase["discounts"];

/** A discounted subscription with a schedule that changes the plan next. */
async function scheduled(discountsOf: (own: string) => { now?: PhaseDiscounts; next?: PhaseDiscounts }) {
  const customer = await payingCustomer(stripe);
  const coupon = (await stripe.coupons.create({ percent_off: 50, duration: "forever" })).id;
  const { id, discounts } = await stripe.subscriptions.create({
    customer,
    items: [{ price: big.month.id }],
    discounts: [{ coupon }],
  });
  const own = String(discounts[0]);
  const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id });
  const [present] = schedule.phases;
  const requested = discountsOf(own);
  const updated = await stripe.subscriptionSchedules.update(schedule.id, {
    proration_behavior: "none",
    phases: [
      {
        items: [{ price: big.month.id }],
        start_date: present?.start_date ?? 0,
        end_date: present?.end_date ?? 0,
        ...(requested.now && { discounts: requested.now }),
      },
      { items: [{ price: pro.month.id }], ...(requested.next && { discounts: requested.next }) },
    ],
  });
  return { id, own, schedule: updated, adopted: present?.discounts };
}

async function totals(subscription: string): Promise<number[]> {
  return (await all(stripe.invoices.list({ subscription }))).map(({ total }) => total).reverse();
}

async function nextDue(schedule: string): Promise<number> {
  return (await stripe.invoices.createPreview({ schedule })).amount_due;
}

describe("discounts of schedule phases", () => {
  test("a phase keeps a subscription's discounts that it lists by id, and the preview shows them", async () => {
    const { id, own, schedule, adopted } = await scheduled((discount) => ({
      now: [{ discount }],
      next: [{ discount }],
    }));
    expect(adopted).toEqual([{ coupon: null, discount: own, promotion_code: null }]);
    expect((await stripe.subscriptions.retrieve(id)).discounts).toEqual([own]);
    expect(await nextDue(schedule.id)).toBe(950);
    expect((await stripe.subscriptions.retrieve(id)).items.data[0]?.price.id).toBe(big.month.id);
    await month();
    expect(await totals(id)).toEqual([4950, 950]);
  });

  test("a phase removes discounts that it does not list: immediately if current, at its start otherwise", async () => {
    const lost = await scheduled(() => ({}));
    expect((await stripe.subscriptions.retrieve(lost.id)).discounts).toEqual([]);
    const later = await scheduled((discount) => ({ now: [{ discount }] }));
    expect((await stripe.subscriptions.retrieve(later.id)).discounts).toEqual([later.own]);
    expect([await nextDue(lost.schedule.id), await nextDue(later.schedule.id)]).toEqual([1900, 1900]);
    await month();
    expect(await totals(lost.id)).toEqual([4950, 1900]);
    expect(await totals(later.id)).toEqual([4950, 1900]);
  });

  test("a phase redeems its coupon when it starts and skips one that can no longer be redeemed", async () => {
    const [good, gone] = await Promise.all([
      stripe.coupons.create({ amount_off: 400, currency: "usd", duration: "once" }),
      stripe.coupons.create({ amount_off: 300, currency: "usd", duration: "once" }),
    ]);
    const taken = await scheduled(() => ({ next: [{ coupon: good.id }] }));
    const left = await scheduled(() => ({ next: [{ coupon: gone.id }] }));
    expect((await stripe.coupons.retrieve(good.id)).times_redeemed).toBe(0);
    await stripe.coupons.del(gone.id);
    await month();
    expect((await totals(taken.id)).at(-1)).toBe(1500);
    expect((await totals(left.id)).at(-1)).toBe(1900);
    expect((await stripe.coupons.retrieve(good.id)).times_redeemed).toBe(1);
  });

  test("a phase rejects an unknown discount, and a preview rejects a schedule together with a subscription", async () => {
    const { id, schedule } = await scheduled(() => ({}));
    const [phase] = schedule.phases;
    const failure = await failureOf(
      stripe.subscriptionSchedules.update(schedule.id, {
        phases: [
          {
            items: [{ price: pro.month.id }],
            start_date: phase?.start_date ?? 0,
            discounts: [{ coupon: "nothing" }],
          },
        ],
      }),
    );
    expect(failure).toMatchObject({ code: "resource_missing", statusCode: 400 });
    const both = await failureOf(stripe.invoices.createPreview({ schedule: schedule.id, subscription: id }));
    expect(both.message).toContain("only specify one of these");
    expect(await failureOf(stripe.invoices.createPreview({ schedule: "sub_sched_none" }))).toMatchObject({
      code: "resource_missing",
    });
  });

  test("a schedule that starts a subscription applies the first phase's discounts", async () => {
    const customer = (await stripe.customers.create()).id;
    const coupon = (await stripe.coupons.create({ percent_off: 10, duration: "forever" })).id;
    const schedule = await stripe.subscriptionSchedules.create({
      customer,
      start_date: "now",
      phases: [{ items: [{ price: pro.month.id }], discounts: [{ coupon }] }],
    });
    expect((await totals(String(schedule.subscription))).at(0)).toBe(1710);
  });
});
