import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cancelAtPeriodEnd } from "#lib/billing/actions/cancel.ts";
import { changePlan, keepPlan } from "#lib/billing/actions/change-plan.ts";
import { previewChange } from "#lib/billing/actions/preview-plan-change.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import { readBalance } from "#lib/usage/balance.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  readGrants,
  readStripeCustomerId,
  readSubscriptionState,
  startBillingTestEnv,
  subscribe,
  subscribeThroughCheckout,
} from "#tests/integration/billing/billing-test-env.ts";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(() => testEnv.reset());
afterAll(() => testEnv.close());

const dayMs = 86_400_000;
const planOf = async (customer: Customer) =>
  entitlementsOf(await readSubscriptionState(testEnv, customer), now()).plan;
const overview = ({ workspaceId }: Customer) =>
  readBillingOverview(testEnv.db, { workspaceId, workspaceCreatedAt: now() }, now());
const paidCents = async (customer: string) =>
  (await testEnv.stripe.charges.list({ customer })).data
    .filter(({ paid }) => paid)
    .reduce((sum, { amount }) => sum + amount, 0);

async function previewPlan(customer: Customer, lookupKey: string) {
  const preview = await previewChange(customer, lookupKey, now());
  if (preview === null) throw new Error("That plan runs already.");
  return { ...preview, accepted: { ...preview, lookupKey } };
}

async function travelDays(days: number): Promise<void> {
  await testEnv.travel(new Date(now().getTime() + days * dayMs).toISOString());
}

/** Compares two payments; a period that starts with the change may start a second after its preview. */
function expectSameDay(real: NextPayment | null, shown: NextPayment): void {
  expect(real?.micros).toBe(shown.micros);
  expect(Math.abs((real?.at.getTime() ?? 0) - shown.at.getTime())).toBeLessThan(60_000);
}
type NextPayment = { at: Date; micros: number };

describe("upgrades", () => {
  test("M20: an upgrade charges exactly the previewed amount at once and grants the difference of the allowances (M12)", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await travelDays(10);
    const preview = await previewPlan(ada, "enterprise_month");
    expect(preview).toMatchObject({ when: "now", takesEffectAt: preview.prorationDate });
    // The rest of the month, which has 28 to 31 days; Stripe rounds each of the two items to a cent.
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    const { current_period_start: start = 0, current_period_end: end = 0 } =
      subscription?.items.data[0] ?? {};
    const unusedShare = (end - preview.prorationDate.getTime() / 1_000) / (end - start);
    expect(Math.abs(preview.dueNowMicros - 80_000_000 * unusedShare)).toBeLessThanOrEqual(10_000);
    const before = await paidCents(customer);
    const changes = [1, 2, 3].map(() => changePlan(ada, preview.accepted, now()));
    expect(await Promise.all(changes)).toEqual([1, 2, 3].map(() => ({ state: "changed" })));
    expect(((await paidCents(customer)) - before) * 10_000).toBe(preview.dueNowMicros);
    expect(await planOf(ada)).toBe("enterprise");
    expect((await overview(ada)).nextPayment).toEqual(preview.nextPayment);
    expect((await readGrants(testEnv, ada)).map(({ amountMicros }) => amountMicros)).toEqual([
      15_000_000,
      expect.any(Number),
    ]);
  });

  test("M20: an upgrade is rejected without a charge when the price differs from the preview", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const { accepted } = await previewPlan(ada, "enterprise_month");
    const before = await paidCents(customer);
    const cheaper = { ...accepted, dueNowMicros: accepted.dueNowMicros - 10_000 };
    await expect(changePlan(ada, cheaper, now())).rejects.toMatchObject({ code: "conflict" });
    await travelDays(1);
    await expect(changePlan(ada, accepted, now())).rejects.toMatchObject({ code: "conflict" });
    const future = { ...accepted, prorationDate: new Date(now().getTime() + dayMs) };
    await expect(changePlan(ada, future, now())).rejects.toMatchObject({ code: "conflict" });
    expect(await paidCents(customer)).toBe(before);
    expect(await planOf(ada)).toBe("pro");
  });

  test("a plan can be upgraded in its first second when our clock is behind Stripe's", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    const startsAtMs = (subscription?.items.data[0]?.current_period_start ?? 0) * 1_000;
    const behind = new Date(startsAtMs - 900);
    const preview = await previewChange(ada, "enterprise_month", behind);
    expect(preview).toMatchObject({ prorationDate: new Date(startsAtMs), dueNowMicros: 80_000_000 });
    if (preview === null) throw new Error("That plan runs already.");
    const changed = await changePlan(ada, { ...preview, lookupKey: "enterprise_month" }, behind);
    expect(changed).toEqual({ state: "changed" });
  });

  test("a declined upgrade changes nothing, leaves no open invoice and can be tried again", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await changeCard(testEnv.stripe, customer, "pm_card_chargeCustomerFail");
    const { accepted } = await previewPlan(ada, "enterprise_month");
    await expect(changePlan(ada, accepted, now())).rejects.toMatchObject({ code: "payment_declined" });
    expect(await planOf(ada)).toBe("pro");
    expect(await overview(ada)).toMatchObject({ problem: null, pendingChange: null });
    expect((await testEnv.stripe.invoices.list({ customer, status: "open" })).data).toEqual([]);
    await changeCard(testEnv.stripe, customer, "pm_card_visa");
    await changePlan(ada, (await previewPlan(ada, "enterprise_month")).accepted, now());
    expect(await planOf(ada)).toBe("enterprise");
  });

  test("an upgrade that needs bank confirmation keeps the old plan until it is confirmed", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await changeCard(testEnv.stripe, customer, "pm_card_authenticationRequired");
    const { accepted } = await previewPlan(ada, "enterprise_month");
    const changed = await changePlan(ada, accepted, now());
    expect(changed).toMatchObject({ state: "confirm", invoiceId: expect.stringMatching(/^in_/) });
    expect(await planOf(ada)).toBe("pro");
    expect(await overview(ada)).toMatchObject({
      problem: null,
      pendingChange: { micros: accepted.dueNowMicros, payUrl: expect.stringContaining("http") },
    });
    await keepPlan(ada, now());
    await keepPlan(ada, now());
    expect((await overview(ada)).pendingChange).toBeNull();
    expect(await planOf(ada)).toBe("pro");
  });

  test("a change from monthly to yearly starts the year at once and credits the unused month", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await travelDays(3);
    const preview = await previewPlan(ada, "pro_year");
    expect(preview.dueNowMicros).toBeLessThan(175_000_000);
    const before = await paidCents(customer);
    await changePlan(ada, preview.accepted, now());
    expect(((await paidCents(customer)) - before) * 10_000).toBe(preview.dueNowMicros);
    expectSameDay((await overview(ada)).nextPayment, preview.nextPayment);
    const { availableMicros } = await readBalance(testEnv.db, ada.workspaceId, now());
    expect(availableMicros).toBeLessThan(17_000_000);
  });
});

describe("downgrades", () => {
  test("a downgrade costs nothing now and takes effect at the period's end at its own price", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "enterprise_month");
    const preview = await previewPlan(ada, "pro_month");
    expect(preview).toMatchObject({ when: "period_end", dueNowMicros: 0 });
    const before = await paidCents(customer);
    expect(await changePlan(ada, preview.accepted, now())).toEqual({ state: "scheduled" });
    expect(await changePlan(ada, preview.accepted, now())).toEqual({ state: "scheduled" });
    expect(await paidCents(customer)).toBe(before);
    expect(await planOf(ada)).toBe("enterprise");
    expect(await overview(ada)).toMatchObject({
      scheduledChange: { lookupKey: "pro_month", at: preview.takesEffectAt },
      nextPayment: preview.nextPayment,
    });
    await testEnv.travel(new Date(preview.takesEffectAt.getTime() + 2 * 3_600_000).toISOString());
    await syncCustomer(customer);
    expect(await planOf(ada)).toBe("pro");
    expect((await paidCents(customer)) - before).toBe(1_900);
    expect((await overview(ada)).scheduledChange).toBeNull();
    expect((await readGrants(testEnv, ada)).map(({ amountMicros }) => amountMicros)).toEqual([
      100_000_000, 15_000_000,
    ]);
  });

  test("a scheduled downgrade survives a rejected upgrade and is replaced by a completed one", async () => {
    const ada = await addCustomer(testEnv);
    await subscribe(testEnv, ada, "pro_year");
    await changePlan(ada, (await previewPlan(ada, "pro_month")).accepted, now());
    const { accepted } = await previewPlan(ada, "enterprise_year");
    const wrong = { ...accepted, dueNowMicros: accepted.dueNowMicros + 10_000 };
    await expect(changePlan(ada, wrong, now())).rejects.toMatchObject({ code: "conflict" });
    await syncCustomer(await readStripeCustomerId(testEnv, ada));
    expect(await overview(ada)).toMatchObject({ scheduledChange: { lookupKey: "pro_month" } });
    expect(await changePlan(ada, accepted, now())).toEqual({ state: "changed" });
    expect(await planOf(ada)).toBe("enterprise");
    expect((await overview(ada)).scheduledChange).toBeNull();
  });

  test("a scheduled downgrade survives an upgrade whose payment is declined", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "enterprise_month");
    await changePlan(ada, (await previewPlan(ada, "pro_month")).accepted, now());
    const scheduled = await overview(ada);
    expect(scheduled.nextPayment?.micros).toBe(19_000_000);
    await changeCard(testEnv.stripe, customer, "pm_card_chargeCustomerFail");
    const { accepted } = await previewPlan(ada, "enterprise_year");
    await expect(changePlan(ada, accepted, now())).rejects.toMatchObject({ code: "payment_declined" });
    expect((await overview(ada)).nextPayment).toEqual(scheduled.nextPayment);
    await travelDays(32);
    const [renewal] = (await testEnv.stripe.invoices.list({ customer })).data;
    expect(renewal).toMatchObject({ billing_reason: "subscription_cycle", total: 1_900 });
  });

  test("a scheduled downgrade can be undone and is replaced by a cancellation", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_year");
    const downgrade = (await previewPlan(ada, "pro_month")).accepted;
    await changePlan(ada, downgrade, now());
    await keepPlan(ada, now());
    expect((await overview(ada)).scheduledChange).toBeNull();
    await changePlan(ada, downgrade, now());
    await cancelAtPeriodEnd(ada, now());
    const ended = await overview(ada);
    expect(ended).toMatchObject({ scheduledChange: null, nextPayment: null });
    expect(ended.subscription?.endsAt).not.toBeNull();
    await expect(previewChange(ada, "enterprise_year", now())).rejects.toMatchObject({ code: "conflict" });
    expect((await testEnv.stripe.subscriptions.list({ customer })).data).toHaveLength(1);
  });
});

test("changing to the current plan, as a member or without a subscription is rejected", async () => {
  const ada = await addCustomer(testEnv);
  await expect(previewChange(ada, "pro_month", now())).rejects.toMatchObject({ code: "not_found" });
  await subscribe(testEnv, ada, "pro_month");
  expect(await previewChange(ada, "pro_month", now())).toBeNull();
  const member = { ...ada, memberRole: "member" as const };
  await expect(previewChange(member, "pro_year", now())).rejects.toMatchObject({ code: "forbidden" });
  await expect(previewChange(ada, "gold_month", now())).rejects.toMatchObject({ code: "not_found" });
});

describe("plan changes during a trial", () => {
  const paidLines = async (customer: string) =>
    (await testEnv.stripe.invoices.list({ customer })).data.map(({ total }) => total);

  test("M20: an upgrade during a trial charges the previewed full price, ends the trial credit and grants a full month (M11)", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribeThroughCheckout(testEnv, ada, "pro_trial");
    await travelDays(5);
    const preview = await previewPlan(ada, "enterprise_month");
    expect(preview).toMatchObject({ when: "now", trial: "ends", dueNowMicros: 99_000_000 });
    const changes = [1, 2].map(() => changePlan(ada, preview.accepted, now()));
    expect(await Promise.all(changes)).toEqual([{ state: "changed" }, { state: "changed" }]);
    expect(await paidCents(customer)).toBe(9_900);
    expect(await planOf(ada)).toBe("enterprise");
    expectSameDay((await overview(ada)).nextPayment, preview.nextPayment);
    const { availableMicros } = await readBalance(testEnv.db, ada.workspaceId, now());
    expect(availableMicros).toBe(100_000_000);
  });

  test("a declined upgrade during a trial changes nothing and the trial continues", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribeThroughCheckout(testEnv, ada, "pro_trial", "4000000000000341");
    const { accepted } = await previewPlan(ada, "enterprise_month");
    await expect(changePlan(ada, accepted, now())).rejects.toMatchObject({ code: "payment_declined" });
    expect(entitlementsOf(await readSubscriptionState(testEnv, ada), now())).toMatchObject({
      plan: "pro",
      source: "trial",
    });
    expect((await testEnv.stripe.invoices.list({ customer, status: "open" })).data).toEqual([]);
    expect((await readBalance(testEnv.db, ada.workspaceId, now())).availableMicros).toBe(5_000_000);
  });

  test("M20: changing the interval during a trial costs nothing and replaces the plan that follows, in both directions", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribeThroughCheckout(testEnv, ada, "pro_trial");
    const trialEnd = (await overview(ada)).nextPayment?.at;
    for (const [lookupKey, micros] of [
      ["pro_year", 190_000_000],
      ["pro_month", 19_000_000],
      ["pro_year", 190_000_000],
    ] as const) {
      const preview = await previewPlan(ada, lookupKey);
      expect(preview).toMatchObject({ when: "now", trial: "continues", dueNowMicros: 0 });
      expect(preview.nextPayment).toEqual({ at: trialEnd, micros });
      await changePlan(ada, preview.accepted, now());
      expect((await overview(ada)).nextPayment).toEqual({ at: trialEnd, micros });
    }
    expect(await paidCents(customer)).toBe(0);
    expect(await paidLines(customer)).toEqual([0]);
    await travelDays(15);
    await syncCustomer(customer);
    expect(await paidCents(customer)).toBe(19_000);
    expect(await planOf(ada)).toBe("pro");
  });

  test("M20: a preview made during the trial is rejected after the trial has ended", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribeThroughCheckout(testEnv, ada, "pro_trial");
    await travelDays(14 - 5 / 1_440);
    const { accepted } = await previewPlan(ada, "enterprise_month");
    await travelDays(10 / 1_440);
    await expect(changePlan(ada, accepted, now())).rejects.toMatchObject({ code: "conflict" });
    expect(await planOf(ada)).toBe("pro");
    expect(await paidCents(customer)).toBe(0);
  });
});
