import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBilling } from "#lib/billing/reports/billing-overview.ts";
import { cancelAtPeriodEnd } from "#lib/billing/cancel.ts";
import { changePlan, keepPlan, previewChange } from "#lib/billing/change-plan.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import { readBalance } from "#lib/usage/balance.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  grantsOf,
  stripeCustomerOf,
  subscribe,
  subscriptionStateOf,
} from "#tests/integration/billing/billing-world.ts";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let world: BillingWorld;
beforeEach(async () => {
  world = await createBillingWorld();
});
afterEach(() => world.close());

const dayMs = 86_400_000;
const planOf = async (customer: Customer) =>
  entitlementsOf(await subscriptionStateOf(world, customer), now()).plan;
const overview = ({ workspaceId }: Customer) =>
  readBilling(world.db, { workspaceId, workspaceCreatedAt: now() }, now());
const paidCents = async (customer: string) =>
  (await world.stripe.charges.list({ customer })).data
    .filter(({ paid }) => paid)
    .reduce((sum, { amount }) => sum + amount, 0);

async function previewed(customer: Customer, lookupKey: string) {
  const preview = await previewChange(customer, lookupKey, now());
  if (preview === null) throw new Error("That plan runs already.");
  return { ...preview, agreement: { ...preview, lookupKey } };
}

async function travelDays(days: number): Promise<void> {
  await world.travel(new Date(now().getTime() + days * dayMs).toISOString());
}

/** What begins anew begins when Stripe does it, which may be a second after it was shown. */
function expectSameDay(real: NextPayment | null, shown: NextPayment): void {
  expect(real?.micros).toBe(shown.micros);
  expect(Math.abs((real?.at.getTime() ?? 0) - shown.at.getTime())).toBeLessThan(60_000);
}
type NextPayment = { at: Date; micros: number };

describe("more for more money", () => {
  test("M20: is charged at once, to the cent what was shown, and given with the difference of the allowances (M12)", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await travelDays(10);
    const preview = await previewed(ada, "enterprise_month");
    expect(preview).toMatchObject({ when: "now", takesEffectAt: preview.reckonedAt });
    expect(preview.dueNowMicros).toBeGreaterThan(50_000_000);
    expect(preview.dueNowMicros).toBeLessThan(54_000_000);
    const before = await paidCents(customer);
    const changes = [1, 2, 3].map(() => changePlan(ada, preview.agreement, now()));
    expect(await Promise.all(changes)).toEqual([1, 2, 3].map(() => ({ state: "changed" })));
    expect(((await paidCents(customer)) - before) * 10_000).toBe(preview.dueNowMicros);
    expect(await planOf(ada)).toBe("enterprise");
    expect((await overview(ada)).nextPayment).toEqual(preview.nextPayment);
    expect((await grantsOf(world, ada)).map(({ amountMicros }) => amountMicros)).toEqual([
      15_000_000,
      expect.any(Number),
    ]);
  });

  test("M20: is refused when what was shown is not what it would cost now, and nothing is charged", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const { agreement } = await previewed(ada, "enterprise_month");
    const before = await paidCents(customer);
    const cheaper = { ...agreement, dueNowMicros: agreement.dueNowMicros - 10_000 };
    await expect(changePlan(ada, cheaper, now())).rejects.toMatchObject({ code: "conflict" });
    await travelDays(1);
    await expect(changePlan(ada, agreement, now())).rejects.toMatchObject({ code: "conflict" });
    const ahead = { ...agreement, reckonedAt: new Date(now().getTime() + dayMs) };
    await expect(changePlan(ada, ahead, now())).rejects.toMatchObject({ code: "conflict" });
    expect(await paidCents(customer)).toBe(before);
    expect(await planOf(ada)).toBe("pro");
  });

  test("can be changed in the very second in which it begins, by a clock that is a little behind Stripe's", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const [subscription] = (await world.stripe.subscriptions.list({ customer })).data;
    const startsAtMs = (subscription?.items.data[0]?.current_period_start ?? 0) * 1_000;
    const behind = new Date(startsAtMs - 900);
    const preview = await previewChange(ada, "enterprise_month", behind);
    expect(preview).toMatchObject({ reckonedAt: new Date(startsAtMs), dueNowMicros: 80_000_000 });
    if (preview === null) throw new Error("That plan runs already.");
    const changed = await changePlan(ada, { ...preview, lookupKey: "enterprise_month" }, behind);
    expect(changed).toEqual({ state: "changed" });
  });

  test("on a card that is declined changes nothing, leaves nothing to pay, and can be tried again", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await changeCard(world.stripe, customer, "pm_card_chargeCustomerFail");
    const { agreement } = await previewed(ada, "enterprise_month");
    await expect(changePlan(ada, agreement, now())).rejects.toMatchObject({ code: "payment_declined" });
    expect(await planOf(ada)).toBe("pro");
    expect(await overview(ada)).toMatchObject({ problem: null, pendingChange: null });
    expect((await world.stripe.invoices.list({ customer, status: "open" })).data).toEqual([]);
    await changeCard(world.stripe, customer, "pm_card_visa");
    await changePlan(ada, (await previewed(ada, "enterprise_month")).agreement, now());
    expect(await planOf(ada)).toBe("enterprise");
  });

  test("on a card whose bank wants to be asked waits for the answer, and the old plan runs on", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await changeCard(world.stripe, customer, "pm_card_authenticationRequired");
    const { agreement } = await previewed(ada, "enterprise_month");
    const changed = await changePlan(ada, agreement, now());
    expect(changed).toMatchObject({ state: "confirm", invoiceId: expect.stringMatching(/^in_/) });
    expect(await planOf(ada)).toBe("pro");
    expect(await overview(ada)).toMatchObject({
      problem: null,
      pendingChange: { micros: agreement.dueNowMicros, payUrl: expect.stringContaining("http") },
    });
    await keepPlan(ada, now());
    await keepPlan(ada, now());
    expect((await overview(ada)).pendingChange).toBeNull();
    expect(await planOf(ada)).toBe("pro");
  });

  test("from months to a year begins the year at once, with what is left of the month taken off", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await travelDays(3);
    const preview = await previewed(ada, "pro_year");
    expect(preview.dueNowMicros).toBeLessThan(175_000_000);
    const before = await paidCents(customer);
    await changePlan(ada, preview.agreement, now());
    expect(((await paidCents(customer)) - before) * 10_000).toBe(preview.dueNowMicros);
    expectSameDay((await overview(ada)).nextPayment, preview.nextPayment);
    const { availableMicros } = await readBalance(world.db, ada.workspaceId, now());
    expect(availableMicros).toBeLessThan(17_000_000);
  });
});

describe("less", () => {
  test("waits for the period's end, costs nothing now, and is then charged at its own price", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "enterprise_month");
    const preview = await previewed(ada, "pro_month");
    expect(preview).toMatchObject({ when: "period_end", dueNowMicros: 0 });
    const before = await paidCents(customer);
    expect(await changePlan(ada, preview.agreement, now())).toEqual({ state: "scheduled" });
    expect(await changePlan(ada, preview.agreement, now())).toEqual({ state: "scheduled" });
    expect(await paidCents(customer)).toBe(before);
    expect(await planOf(ada)).toBe("enterprise");
    expect(await overview(ada)).toMatchObject({
      scheduledChange: { lookupKey: "pro_month", at: preview.takesEffectAt },
      nextPayment: preview.nextPayment,
    });
    await world.travel(new Date(preview.takesEffectAt.getTime() + 2 * 3_600_000).toISOString());
    await syncCustomer(customer);
    expect(await planOf(ada)).toBe("pro");
    expect((await paidCents(customer)) - before).toBe(1_900);
    expect((await overview(ada)).scheduledChange).toBeNull();
    expect((await grantsOf(world, ada)).map(({ amountMicros }) => amountMicros)).toEqual([
      100_000_000, 15_000_000,
    ]);
  });

  test("stays in store when a change to more is refused, and gives way to one that is made", async () => {
    const ada = await addCustomer(world);
    await subscribe(world, ada, "pro_year");
    await changePlan(ada, (await previewed(ada, "pro_month")).agreement, now());
    const { agreement } = await previewed(ada, "enterprise_year");
    const wrong = { ...agreement, dueNowMicros: agreement.dueNowMicros + 10_000 };
    await expect(changePlan(ada, wrong, now())).rejects.toMatchObject({ code: "conflict" });
    await syncCustomer(await stripeCustomerOf(world, ada));
    expect(await overview(ada)).toMatchObject({ scheduledChange: { lookupKey: "pro_month" } });
    expect(await changePlan(ada, agreement, now())).toEqual({ state: "changed" });
    expect(await planOf(ada)).toBe("enterprise");
    expect((await overview(ada)).scheduledChange).toBeNull();
  });

  test("stays in store when a change to more is declined by the card", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "enterprise_month");
    await changePlan(ada, (await previewed(ada, "pro_month")).agreement, now());
    const inStore = await overview(ada);
    expect(inStore.nextPayment?.micros).toBe(19_000_000);
    await changeCard(world.stripe, customer, "pm_card_chargeCustomerFail");
    const { agreement } = await previewed(ada, "enterprise_year");
    await expect(changePlan(ada, agreement, now())).rejects.toMatchObject({ code: "payment_declined" });
    expect((await overview(ada)).nextPayment).toEqual(inStore.nextPayment);
    await travelDays(32);
    const [renewal] = (await world.stripe.invoices.list({ customer })).data;
    expect(renewal).toMatchObject({ billing_reason: "subscription_cycle", total: 1_900 });
  });

  test("can be taken back until then, and gives way to a cancellation", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_year");
    const down = (await previewed(ada, "pro_month")).agreement;
    await changePlan(ada, down, now());
    await keepPlan(ada, now());
    expect((await overview(ada)).scheduledChange).toBeNull();
    await changePlan(ada, down, now());
    await cancelAtPeriodEnd(ada, now());
    const ended = await overview(ada);
    expect(ended).toMatchObject({ scheduledChange: null, nextPayment: null });
    expect(ended.subscription?.endsAt).not.toBeNull();
    await expect(previewChange(ada, "enterprise_year", now())).rejects.toMatchObject({ code: "conflict" });
    expect((await world.stripe.subscriptions.list({ customer })).data).toHaveLength(1);
  });
});

test("the plan that runs is no change, a member may change none, and without a subscription there is none", async () => {
  const ada = await addCustomer(world);
  await expect(previewChange(ada, "pro_month", now())).rejects.toMatchObject({ code: "not_found" });
  await subscribe(world, ada, "pro_month");
  expect(await previewChange(ada, "pro_month", now())).toBeNull();
  const member = { ...ada, memberRole: "member" as const };
  await expect(previewChange(member, "pro_year", now())).rejects.toMatchObject({ code: "forbidden" });
  await expect(previewChange(ada, "gold_month", now())).rejects.toMatchObject({ code: "not_found" });
});

describe("in a trial", () => {
  const paidLines = async (customer: string) =>
    (await world.stripe.invoices.list({ customer })).data.map(({ total }) => total);

  test("M20: a higher plan ends the trial and is charged in full, as shown; the trial's credit ends, the month's comes whole (M11)", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_trial");
    await travelDays(5);
    const preview = await previewed(ada, "enterprise_month");
    expect(preview).toMatchObject({ when: "now", trial: "ends", dueNowMicros: 99_000_000 });
    const changes = [1, 2].map(() => changePlan(ada, preview.agreement, now()));
    expect(await Promise.all(changes)).toEqual([{ state: "changed" }, { state: "changed" }]);
    expect(await paidCents(customer)).toBe(9_900);
    expect(await planOf(ada)).toBe("enterprise");
    expectSameDay((await overview(ada)).nextPayment, preview.nextPayment);
    const { availableMicros } = await readBalance(world.db, ada.workspaceId, now());
    expect(availableMicros).toBe(100_000_000);
  });

  test("a higher plan on a card that is declined changes nothing, and the trial goes on", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_trial", "4000000000000341");
    const { agreement } = await previewed(ada, "enterprise_month");
    await expect(changePlan(ada, agreement, now())).rejects.toMatchObject({ code: "payment_declined" });
    expect(entitlementsOf(await subscriptionStateOf(world, ada), now())).toMatchObject({
      plan: "pro",
      source: "trial",
    });
    expect((await world.stripe.invoices.list({ customer, status: "open" })).data).toEqual([]);
    expect((await readBalance(world.db, ada.workspaceId, now())).availableMicros).toBe(5_000_000);
  });

  test("M20: another interval costs nothing now and takes over what the trial leads to, there and back", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_trial");
    const trialEnd = (await overview(ada)).nextPayment?.at;
    for (const [lookupKey, micros] of [
      ["pro_year", 190_000_000],
      ["pro_month", 19_000_000],
      ["pro_year", 190_000_000],
    ] as const) {
      const preview = await previewed(ada, lookupKey);
      expect(preview).toMatchObject({ when: "now", trial: "goes_on", dueNowMicros: 0 });
      expect(preview.nextPayment).toEqual({ at: trialEnd, micros });
      await changePlan(ada, preview.agreement, now());
      expect((await overview(ada)).nextPayment).toEqual({ at: trialEnd, micros });
    }
    expect(await paidCents(customer)).toBe(0);
    expect(await paidLines(customer)).toEqual([0]);
    await travelDays(15);
    await syncCustomer(customer);
    expect(await paidCents(customer)).toBe(19_000);
    expect(await planOf(ada)).toBe("pro");
  });

  test("M20: what was shown in the trial is refused once the trial is over", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_trial");
    await travelDays(14 - 5 / 1_440);
    const { agreement } = await previewed(ada, "enterprise_month");
    await travelDays(10 / 1_440);
    await expect(changePlan(ada, agreement, now())).rejects.toMatchObject({ code: "conflict" });
    expect(await planOf(ada)).toBe("pro");
    expect(await paidCents(customer)).toBe(0);
  });
});
