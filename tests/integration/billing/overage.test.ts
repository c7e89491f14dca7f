import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBilling } from "#lib/billing/reports/billing-overview.ts";
import { cancelAtPeriodEnd, resumeSubscription } from "#lib/billing/cancel.ts";
import { changePlan, previewChange } from "#lib/billing/change-plan.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { meterOverage } from "#lib/billing/meter-outbox.ts";
import { readOverage } from "#lib/billing/overage-overview.ts";
import { disableOverage, enableOverage, setOverageCap } from "#lib/billing/actions/overage-settings.ts";
import { readSubscriptionView } from "#lib/billing/subscription-view.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import { usd } from "#lib/core/money.ts";
import { readBalance } from "#lib/usage/balance.ts";
import { readOverageWindow } from "#lib/usage/overage.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  stripeCustomerOf,
  subscribe,
  subscriptionStateOf,
} from "#tests/integration/billing/billing-world.ts";
import { spend } from "#tests/integration/billing/spend.ts";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let world: BillingWorld;
beforeEach(async () => {
  world = await createBillingWorld();
});
afterEach(() => world.close());

const minuteMs = 60_000;
const later = (date: Date | undefined, ms: number) =>
  new Date((date?.getTime() ?? Number.NaN) + ms).toISOString();
const windowOf = ({ workspaceId }: Customer) => readOverageWindow(world.db, workspaceId, now());
const available = async ({ workspaceId }: Customer) =>
  (await readBalance(world.db, workspaceId, now())).availableMicros;
const runningOf = async (customer: string) =>
  (await world.stripe.subscriptions.list({ customer, status: "all" })).data[0];
const itemsOf = async (customer: string) =>
  (await runningOf(customer))?.items.data.map(({ price }) => price.lookup_key);
const auditOf = async ({ workspaceId }: Customer) =>
  (
    await world.sql`select action from audit_log where workspace_id = ${workspaceId} and action like 'overage.%' order by at, id`
  ).map(({ action }) => action);
const lastInvoice = async (customer: string) =>
  (await world.stripe.invoices.list({ customer, limit: 1 })).data[0];
/** What an invoice bills of use: units and cents. */
async function useOn(customer: string) {
  const lines = (await lastInvoice(customer))?.lines.data ?? [];
  const units: { units: number | null; cents: number }[] = [];
  for (const { pricing, quantity, amount } of lines) {
    const id = pricing?.price_details?.price;
    const price = await world.stripe.prices.retrieve(typeof id === "string" ? id : (id?.id ?? ""));
    if (price.recurring?.usage_type === "metered") units.push({ units: quantity, cents: amount });
  }
  return units;
}

/** Somebody on a plan who may go on beyond their credit. */
async function subscriber(lookupKey = "pro_month", capMicros = usd(20)) {
  const ada = await addCustomer(world);
  const customer = await subscribe(world, ada, lookupKey);
  await enableOverage(ada, capMicros, now());
  return { ada, customer };
}

describe("the switch (M16)", () => {
  test("five at once: one item, nothing charged, one line in the audit trail, and the cap is open at once", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const before = await available(ada);
    await Promise.all(Array.from({ length: 5 }, () => enableOverage(ada, usd(20), now())));
    expect(await itemsOf(customer)).toEqual(["pro_month", "overage_month"]);
    expect((await world.stripe.invoices.list({ customer })).data).toHaveLength(1);
    expect(await auditOf(ada)).toEqual(["overage.enabled"]);
    expect(await available(ada)).toBe(before + usd(20));
  });

  test("the cap moves at once, also while Stripe cannot be reached; so does switching off", async () => {
    const { ada, customer } = await subscriber();
    await spend(world, ada, usd(20));
    await world.control("chaos", { failNextApi: 500, failNextApiTimes: 1_000 });
    await setOverageCap(ada, usd(30), now());
    expect(await available(ada)).toBe(usd(25));
    await setOverageCap(ada, usd(3), now());
    expect(await available(ada)).toBe(0);
    expect(await windowOf(ada)).toMatchObject({ capMicros: usd(3), usedMicros: usd(5) });
    await disableOverage(ada, now());
    expect(await windowOf(ada)).toMatchObject({ capMicros: 0, usedMicros: usd(5) });
    await world.control("chaos", { failNextApi: null });
    await syncCustomer(customer);
    expect(await available(ada)).toBe(0);
    expect(await auditOf(ada)).toEqual([
      "overage.enabled",
      "overage.cap_changed",
      "overage.cap_changed",
      "overage.disabled",
    ]);
  });

  test("no paid plan, a role that may not spend, and a cap out of bounds are refused", async () => {
    const free = await addCustomer(world);
    await expect(enableOverage(free, usd(20), now())).rejects.toMatchObject({ code: "plan_required" });
    const ada = await addCustomer(world);
    await subscribe(world, ada, "pro_month");
    const member = { ...ada, memberRole: "member" as const };
    await expect(enableOverage(member, usd(20), now())).rejects.toMatchObject({ code: "forbidden" });
    await expect(setOverageCap(member, usd(20), now())).rejects.toMatchObject({ code: "forbidden" });
    await expect(disableOverage(member, now())).rejects.toMatchObject({ code: "forbidden" });
    for (const cap of [0, usd(0.5), usd(1_001), Number.NaN, 1.5])
      await expect(enableOverage(ada, cap, now())).rejects.toMatchObject({ code: "invalid_input" });
    expect(await windowOf(ada)).toBeNull();
  });

  test("what the plan is, costs and entitles to is read past the item of use", async () => {
    const { ada, customer } = await subscriber();
    await syncCustomer(customer);
    const billing = await readBilling(world.db, { ...ada, workspaceCreatedAt: now() }, now());
    expect(billing).toMatchObject({
      entitlements: { plan: "pro" },
      subscription: { lookupKey: "pro_month", priceMicros: usd(19) },
    });
    const view = await readSubscriptionView(world.db, ada.workspaceId, billing.subscription?.id ?? "");
    expect(view).toMatchObject({ plan: "pro", interval: "month" });
  });
});

describe("the invoice (M16)", () => {
  test("has exactly the units that were used in its period, the rest of a unit carried on; the next period begins anew", async () => {
    const { ada, customer } = await subscriber();
    await spend(world, ada, usd(15) + 1_000_150);
    await meterOverage(now());
    await spend(world, ada, 1_000_130);
    const end = (await windowOf(ada))?.endsAt;
    await world.travel(later(end, -1_000));
    await spend(world, ada, 1_000_110);
    await world.travel(later(end, 5 * minuteMs));
    await meterOverage(now());
    await world.travel(later(end, 65 * minuteMs));
    // 3,000,390 micro-USD are 30,003 whole units, and 90 micro-USD are ours.
    expect(await useOn(customer)).toEqual([{ units: 30_003, cents: 300 }]);
    expect((await lastInvoice(customer))?.total).toBe(1_900 + 300);
    await syncCustomer(customer);
    expect(await windowOf(ada)).toMatchObject({ usedMicros: 0, capMicros: usd(20), startsAt: end });
    expect(await available(ada)).toBe(usd(35));
  });

  test("of a plan canceled at its period's end has the use up to then", async () => {
    const { ada, customer } = await subscriber();
    await cancelAtPeriodEnd(ada, now());
    expect(await available(ada)).toBe(usd(35));
    await spend(world, ada, usd(18));
    const end = (await windowOf(ada))?.endsAt;
    await world.travel(later(end, minuteMs));
    await meterOverage(now());
    await world.travel(later(end, 65 * minuteMs));
    expect(await useOn(customer)).toEqual([{ units: 30_000, cents: 300 }]);
    await syncCustomer(customer);
    expect(await windowOf(ada)).toBeNull();
    expect(await available(ada)).toBe(0);
  });

  test("of a change of interval is the one that was shown, use up to now included, and the year has a cap of its own", async () => {
    const { ada, customer } = await subscriber();
    await world.travel(later(now(), 60 * minuteMs));
    await spend(world, ada, usd(17));
    const preview = await previewChange(ada, "pro_year", now());
    expect(preview?.dueNowMicros).toBe(usd(190 - 19 + 2) + 30_000);
    const agreed = {
      lookupKey: "pro_year",
      dueNowMicros: preview?.dueNowMicros ?? 0,
      reckonedAt: preview?.reckonedAt ?? now(),
    };
    expect(await changePlan(ada, agreed, now())).toEqual({ state: "changed" });
    expect(await itemsOf(customer)).toEqual(["pro_year", "overage_year"]);
    expect(await useOn(customer)).toEqual([{ units: 20_000, cents: 200 }]);
    expect((await lastInvoice(customer))?.amount_paid).toBe(agreed.dueNowMicros / 10_000);
    const window = await windowOf(ada);
    expect(window).toMatchObject({ usedMicros: 0, capMicros: usd(20) });
    expect((window?.endsAt.getTime() ?? 0) - now().getTime()).toBeGreaterThan(360 * 86_400_000);
  });
});

describe("what becomes of it (M16)", () => {
  test("it survives an upgrade, a downgrade that waits, cancelling and resuming", async () => {
    const { ada, customer } = await subscriber();
    const preview = await previewChange(ada, "enterprise_month", now());
    const { dueNowMicros = 0, reckonedAt = now() } = preview ?? {};
    await changePlan(ada, { lookupKey: "enterprise_month", dueNowMicros, reckonedAt }, now());
    expect(await itemsOf(customer)).toEqual(["enterprise_month", "overage_month"]);
    await cancelAtPeriodEnd(ada, now());
    await resumeSubscription(ada, now());
    await changePlan(ada, { lookupKey: "pro_month", dueNowMicros: 0, reckonedAt: now() }, now());
    const { scheduledChange } = await readBilling(world.db, { ...ada, workspaceCreatedAt: now() }, now());
    expect(scheduledChange?.lookupKey).toBe("pro_month");
    const end = (await windowOf(ada))?.endsAt;
    await world.travel(later(end, 65 * minuteMs));
    await syncCustomer(customer);
    expect(await itemsOf(customer)).toEqual(["pro_month", "overage_month"]);
    expect(await windowOf(ada)).toMatchObject({ startsAt: end, capMicros: usd(20), usedMicros: 0 });
  });

  test("switched on while a shorter interval waits, it goes on with that interval's price", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_year");
    await changePlan(ada, { lookupKey: "pro_month", dueNowMicros: 0, reckonedAt: now() }, now());
    await enableOverage(ada, usd(20), now());
    expect(await itemsOf(customer)).toEqual(["pro_year", "overage_year"]);
    const end = (await windowOf(ada))?.endsAt;
    await world.travel(later(end, 65 * minuteMs));
    await syncCustomer(customer);
    expect(await itemsOf(customer)).toEqual(["pro_month", "overage_month"]);
    expect((await windowOf(ada))?.startsAt).toEqual(end);
  });

  test("a renewal that is not paid opens nothing, until it is paid", async () => {
    const { ada, customer } = await subscriber();
    const end = (await windowOf(ada))?.endsAt;
    await changeCard(world.stripe, customer, "pm_card_chargeCustomerFail");
    await world.travel(later(end, 5 * minuteMs));
    await syncCustomer(customer);
    // The draft is not paid yet: the allowance that it brings comes first, and a grace bridges the hour (M13).
    expect(await available(ada)).toBe(1_500_000);
    const entitlements = entitlementsOf(await subscriptionStateOf(world, ada), now());
    expect(await readOverage(world.db, ada.workspaceId, entitlements, now())).toMatchObject({
      access: "renewing",
    });
    await world.travel(later(end, 65 * minuteMs));
    await syncCustomer(customer);
    expect((await runningOf(customer))?.status).toBe("past_due");
    expect(await windowOf(ada)).toBeNull();
    await expect(enableOverage(ada, usd(20), now())).rejects.toMatchObject({ code: "plan_required" });
    await changeCard(world.stripe, customer, "pm_card_visa");
    await world.stripe.invoices.pay((await lastInvoice(customer))?.id ?? "");
    await syncCustomer(customer);
    expect(await windowOf(ada)).toMatchObject({ startsAt: end, capMicros: usd(20) });
  });

  test("a trial has none", async () => {
    const ada = await addCustomer(world);
    await subscribe(world, ada, "pro_month");
    const customer = await stripeCustomerOf(world, ada);
    const running = await runningOf(customer);
    await world.stripe.subscriptions.update(running?.id ?? "", {
      trial_end: Math.floor(now().getTime() / 1_000) + 5 * 86_400,
      proration_behavior: "none",
    });
    await syncCustomer(customer);
    await expect(enableOverage(ada, usd(20), now())).rejects.toMatchObject({ code: "plan_required" });
    expect(await windowOf(ada)).toBeNull();
  });
});
