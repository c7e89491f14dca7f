import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cancelAtPeriodEnd, resumeSubscription } from "#lib/billing/actions/cancel.ts";
import { changePlan } from "#lib/billing/actions/change-plan.ts";
import { disableOverage, enableOverage, setOverageCap } from "#lib/billing/actions/overage-settings.ts";
import { previewChange } from "#lib/billing/actions/preview-plan-change.ts";
import { readOverageStatus } from "#lib/billing/credit/overage-status.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { readSubscriptionView } from "#lib/billing/entitlements/subscription-view.ts";
import { readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { meterOverage } from "#lib/billing/sync/meter-outbox.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import { usd } from "#lib/core/money.ts";
import { readBalance } from "#lib/usage/balance.ts";
import { readOverageWindow } from "#lib/usage/overage.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  readStripeCustomerId,
  readSubscriptionState,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { spendCredit } from "#tests/integration/billing/spend-credit.ts";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(() => testEnv.reset());
afterAll(() => testEnv.close());

const minuteMs = 60_000;
const later = (date: Date | undefined, ms: number) =>
  new Date((date?.getTime() ?? Number.NaN) + ms).toISOString();
const windowOf = ({ workspaceId }: Customer) => readOverageWindow(testEnv.db, workspaceId, now());
const available = async ({ workspaceId }: Customer) =>
  (await readBalance(testEnv.db, workspaceId, now())).availableMicros;
const runningOf = async (customer: string) =>
  (await testEnv.stripe.subscriptions.list({ customer, status: "all" })).data[0];
const itemsOf = async (customer: string) =>
  (await runningOf(customer))?.items.data.map(({ price }) => price.lookup_key);
const auditOf = async ({ workspaceId }: Customer) =>
  (
    await testEnv.sql`select action from audit_log where workspace_id = ${workspaceId} and action like 'overage.%' order by at, id`
  ).map(({ action }) => action);
const lastInvoice = async (customer: string) =>
  (await testEnv.stripe.invoices.list({ customer, limit: 1 })).data[0];
/** Returns the units and cents of an invoice's overage. */
async function useOn(customer: string) {
  const lines = (await lastInvoice(customer))?.lines.data ?? [];
  const units: { units: number | null; cents: number }[] = [];
  for (const { pricing, quantity, amount } of lines) {
    const id = pricing?.price_details?.price;
    const price = await testEnv.stripe.prices.retrieve(typeof id === "string" ? id : (id?.id ?? ""));
    if (price.recurring?.usage_type === "metered") units.push({ units: quantity, cents: amount });
  }
  return units;
}

/** Creates a subscribed customer with overage enabled. */
async function subscriber(lookupKey = "pro_month", capMicros = usd(20)) {
  const ada = await addCustomer(testEnv);
  const customer = await subscribe(testEnv, ada, lookupKey);
  await enableOverage(ada, capMicros, now());
  return { ada, customer };
}

describe("enabling overage (M16)", () => {
  test("M16: enabling overage concurrently adds one item and one audit entry, charges nothing, and opens the cap at once", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const before = await available(ada);
    await Promise.all(Array.from({ length: 5 }, () => enableOverage(ada, usd(20), now())));
    expect(await itemsOf(customer)).toEqual(["pro_month", "overage_month"]);
    expect((await testEnv.stripe.invoices.list({ customer })).data).toHaveLength(1);
    expect(await auditOf(ada)).toEqual(["overage.enabled"]);
    expect(await available(ada)).toBe(before + usd(20));
  });

  test("M16: changing the cap and disabling overage take effect at once while Stripe is unavailable", async () => {
    const { ada, customer } = await subscriber();
    await spendCredit(testEnv, ada, usd(20));
    await testEnv.control("chaos", { failNextApi: 500, failNextApiTimes: 1_000 });
    await setOverageCap(ada, usd(30), now());
    expect(await available(ada)).toBe(usd(25));
    await setOverageCap(ada, usd(3), now());
    expect(await available(ada)).toBe(0);
    expect(await windowOf(ada)).toMatchObject({ capMicros: usd(3), usedMicros: usd(5) });
    await disableOverage(ada, now());
    expect(await windowOf(ada)).toMatchObject({ capMicros: 0, usedMicros: usd(5) });
    await testEnv.control("chaos", { failNextApi: null });
    await syncCustomer(customer);
    expect(await available(ada)).toBe(0);
    expect(await auditOf(ada)).toEqual([
      "overage.enabled",
      "overage.cap_changed",
      "overage.cap_changed",
      "overage.disabled",
    ]);
  });

  test("M16: enabling overage is rejected without a paid plan, without billing rights and for a cap out of range", async () => {
    const free = await addCustomer(testEnv);
    await expect(enableOverage(free, usd(20), now())).rejects.toMatchObject({ code: "plan_required" });
    const ada = await addCustomer(testEnv);
    await subscribe(testEnv, ada, "pro_month");
    const member = { ...ada, memberRole: "member" as const };
    await expect(enableOverage(member, usd(20), now())).rejects.toMatchObject({ code: "forbidden" });
    await expect(setOverageCap(member, usd(20), now())).rejects.toMatchObject({ code: "forbidden" });
    await expect(disableOverage(member, now())).rejects.toMatchObject({ code: "forbidden" });
    for (const cap of [0, usd(0.5), usd(1_001), Number.NaN, 1.5])
      await expect(enableOverage(ada, cap, now())).rejects.toMatchObject({ code: "invalid_input" });
    expect(await windowOf(ada)).toBeNull();
  });

  test("M16: the overage item does not change the plan, its price or its entitlements", async () => {
    const { ada, customer } = await subscriber();
    await syncCustomer(customer);
    const billing = await readBillingOverview(testEnv.db, { ...ada, workspaceCreatedAt: now() }, now());
    expect(billing).toMatchObject({
      entitlements: { plan: "pro" },
      subscription: { lookupKey: "pro_month", priceMicros: usd(19) },
    });
    const view = await readSubscriptionView(testEnv.db, ada.workspaceId, billing.subscription?.id ?? "");
    expect(view).toMatchObject({ plan: "pro", interval: "month" });
  });
});

describe("overage on invoices (M16)", () => {
  test("M16: an invoice contains its period's units, and the remainder of a unit is carried over", async () => {
    const { ada, customer } = await subscriber();
    await spendCredit(testEnv, ada, usd(15) + 1_000_150);
    await meterOverage(now());
    await spendCredit(testEnv, ada, 1_000_130);
    const end = (await windowOf(ada))?.endsAt;
    await testEnv.travel(later(end, -1_000));
    await spendCredit(testEnv, ada, 1_000_110);
    await testEnv.travel(later(end, 5 * minuteMs));
    await meterOverage(now());
    await testEnv.travel(later(end, 65 * minuteMs));
    // 3,000,390 micro-USD are 30,003 units; the remaining 90 micro-USD are carried over.
    expect(await useOn(customer)).toEqual([{ units: 30_003, cents: 300 }]);
    expect((await lastInvoice(customer))?.total).toBe(1_900 + 300);
    await syncCustomer(customer);
    expect(await windowOf(ada)).toMatchObject({ usedMicros: 0, capMicros: usd(20), startsAt: end });
    expect(await available(ada)).toBe(usd(35));
  });

  test("M16: the last invoice of a canceled plan contains the overage until its end", async () => {
    const { ada, customer } = await subscriber();
    await cancelAtPeriodEnd(ada, now());
    expect(await available(ada)).toBe(usd(35));
    await spendCredit(testEnv, ada, usd(18));
    const end = (await windowOf(ada))?.endsAt;
    await testEnv.travel(later(end, minuteMs));
    await meterOverage(now());
    await testEnv.travel(later(end, 65 * minuteMs));
    expect(await useOn(customer)).toEqual([{ units: 30_000, cents: 300 }]);
    await syncCustomer(customer);
    expect(await windowOf(ada)).toBeNull();
    expect(await available(ada)).toBe(0);
  });

  test("M16: the invoice of an interval change matches its preview including overage, and the new period has its own cap", async () => {
    const { ada, customer } = await subscriber();
    await testEnv.travel(later(now(), 60 * minuteMs));
    await spendCredit(testEnv, ada, usd(17));
    const preview = await previewChange(ada, "pro_year", now());
    expect(preview?.dueNowMicros).toBe(usd(190 - 19 + 2) + 30_000);
    const accepted = {
      lookupKey: "pro_year",
      dueNowMicros: preview?.dueNowMicros ?? 0,
      prorationDate: preview?.prorationDate ?? now(),
    };
    expect(await changePlan(ada, accepted, now())).toEqual({ state: "changed" });
    expect(await itemsOf(customer)).toEqual(["pro_year", "overage_year"]);
    expect(await useOn(customer)).toEqual([{ units: 20_000, cents: 200 }]);
    expect((await lastInvoice(customer))?.amount_paid).toBe(accepted.dueNowMicros / 10_000);
    const window = await windowOf(ada);
    expect(window).toMatchObject({ usedMicros: 0, capMicros: usd(20) });
    expect((window?.endsAt.getTime() ?? 0) - now().getTime()).toBeGreaterThan(360 * 86_400_000);
  });
});

describe("overage across changes (M16)", () => {
  test("M16: overage survives an upgrade, a scheduled downgrade, cancellation and resumption", async () => {
    const { ada, customer } = await subscriber();
    const preview = await previewChange(ada, "enterprise_month", now());
    const { dueNowMicros = 0, prorationDate = now() } = preview ?? {};
    await changePlan(ada, { lookupKey: "enterprise_month", dueNowMicros, prorationDate }, now());
    expect(await itemsOf(customer)).toEqual(["enterprise_month", "overage_month"]);
    await cancelAtPeriodEnd(ada, now());
    await resumeSubscription(ada, now());
    await changePlan(ada, { lookupKey: "pro_month", dueNowMicros: 0, prorationDate: now() }, now());
    const { scheduledChange } = await readBillingOverview(
      testEnv.db,
      { ...ada, workspaceCreatedAt: now() },
      now(),
    );
    expect(scheduledChange?.lookupKey).toBe("pro_month");
    const end = (await windowOf(ada))?.endsAt;
    await testEnv.travel(later(end, 65 * minuteMs));
    await syncCustomer(customer);
    expect(await itemsOf(customer)).toEqual(["pro_month", "overage_month"]);
    expect(await windowOf(ada)).toMatchObject({ startsAt: end, capMicros: usd(20), usedMicros: 0 });
  });

  test("M16: overage enabled before a scheduled interval change continues with the new interval's price", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_year");
    await changePlan(ada, { lookupKey: "pro_month", dueNowMicros: 0, prorationDate: now() }, now());
    await enableOverage(ada, usd(20), now());
    expect(await itemsOf(customer)).toEqual(["pro_year", "overage_year"]);
    const end = (await windowOf(ada))?.endsAt;
    await testEnv.travel(later(end, 65 * minuteMs));
    await syncCustomer(customer);
    expect(await itemsOf(customer)).toEqual(["pro_month", "overage_month"]);
    expect((await windowOf(ada))?.startsAt).toEqual(end);
  });

  test("M16: an unpaid renewal opens no overage until it is paid", async () => {
    const { ada, customer } = await subscriber();
    const end = (await windowOf(ada))?.endsAt;
    await changeCard(testEnv.stripe, customer, "pm_card_chargeCustomerFail");
    await testEnv.travel(later(end, 5 * minuteMs));
    await syncCustomer(customer);
    // The draft is unpaid for an hour, which the grace grant covers (M13).
    expect(await available(ada)).toBe(1_500_000);
    const entitlements = entitlementsOf(await readSubscriptionState(testEnv, ada), now());
    expect(await readOverageStatus(testEnv.db, ada.workspaceId, entitlements, now())).toMatchObject({
      access: "renewing",
    });
    await testEnv.travel(later(end, 65 * minuteMs));
    await syncCustomer(customer);
    expect((await runningOf(customer))?.status).toBe("past_due");
    expect(await windowOf(ada)).toBeNull();
    await expect(enableOverage(ada, usd(20), now())).rejects.toMatchObject({ code: "plan_required" });
    await changeCard(testEnv.stripe, customer, "pm_card_visa");
    await testEnv.stripe.invoices.pay((await lastInvoice(customer))?.id ?? "");
    await syncCustomer(customer);
    expect(await windowOf(ada)).toMatchObject({ startsAt: end, capMicros: usd(20) });
  });

  test("M16: overage is not available during a trial", async () => {
    const ada = await addCustomer(testEnv);
    await subscribe(testEnv, ada, "pro_month");
    const customer = await readStripeCustomerId(testEnv, ada);
    const running = await runningOf(customer);
    await testEnv.stripe.subscriptions.update(running?.id ?? "", {
      trial_end: Math.floor(now().getTime() / 1_000) + 5 * 86_400,
      proration_behavior: "none",
    });
    await syncCustomer(customer);
    await expect(enableOverage(ada, usd(20), now())).rejects.toMatchObject({ code: "plan_required" });
    expect(await windowOf(ada)).toBeNull();
  });
});
