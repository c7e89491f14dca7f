import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { finishCheckout, startTopUp } from "#lib/billing/actions/checkout.ts";
import { findOffer } from "#lib/billing/catalog/plans.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { readCustomerDetail } from "#lib/billing/operator/customer-detail.ts";
import { readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { processEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { now } from "#lib/core/clock.ts";
import { readBalance } from "#lib/usage/balance.ts";
import { takeHold } from "#lib/usage/holds.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  goodCard,
  listStripeEvents,
  payCheckout,
  postWebhook,
  readGrants,
  readStripeCustomerId,
  readSubscriptionState,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { changeCard, submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { interaction, rates, sumsOf } from "#tests/integration/usage/workspace.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(() => testEnv.reset());
afterAll(() => testEnv.close());

const dayMs = 86_400_000;
const laterBy = (date: Date | null | undefined, ms: number) =>
  new Date((date?.getTime() ?? Number.NaN) + ms).toISOString();
const invoicesShown = async ({ workspaceId }: Customer) =>
  (await readBillingOverview(testEnv.db, { workspaceId, workspaceCreatedAt: now() }, now())).invoices;
const available = async ({ workspaceId }: Customer) =>
  (await readBalance(testEnv.db, workspaceId, now())).availableMicros;
const overview = ({ workspaceId }: Customer) =>
  readBillingOverview(testEnv.db, { workspaceId, workspaceCreatedAt: now() }, now());

/** Spends credit as an answer does: takes a hold and settles it. */
async function spendMicros({ workspaceId }: Customer, micros: number): Promise<void> {
  const holdId = randomUUID();
  const at = now();
  const subject = { holdId, subjectId: holdId, subjectKind: "generation" as const, model: "m", rates };
  const amounts = { amountMicros: micros, minimumMicros: micros };
  await takeHold(testEnv.db, workspaceId, {
    ...subject,
    ...amounts,
    at,
    expiresAt: new Date(at.getTime() + dayMs),
  });
  const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: micros };
  await settleHold(testEnv.db, workspaceId, holdId, {
    usage,
    estimated: false,
    at,
    apiKeyId: null,
    interaction,
  });
}

async function itemOf(customerId: string) {
  const [subscription] = (await testEnv.stripe.subscriptions.list({ customer: customerId })).data;
  const item = subscription?.items.data[0];
  if (subscription === undefined || item === undefined) throw new Error("There is no subscription.");
  return { subscription, item };
}

async function priceOf(lookupKey: string): Promise<string> {
  return (await testEnv.stripe.prices.list({ lookup_keys: [lookupKey] })).data[0]?.id ?? "";
}

describe("M12: upgrades in mid-period", () => {
  test("M12: an upgrade in mid-period grants the prorated difference once, however often it is synced", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const { item, subscription } = await itemOf(customer);
    const [start, end] = [item.current_period_start, item.current_period_end];
    const at = start + (end - start) / 2;
    await testEnv.travel(new Date(at * 1_000).toISOString());
    await testEnv.stripe.subscriptions.update(subscription.id, {
      items: [{ id: item.id, price: await priceOf("enterprise_month") }],
      proration_behavior: "always_invoice",
      proration_date: Math.floor(at),
    });
    await syncCustomer(customer);
    await syncCustomer(customer);
    const left = (end - Math.floor(at)) / (end - start);
    const grants = await readGrants(testEnv, ada);
    expect(grants.map(({ amountMicros }) => amountMicros)).toEqual([
      15_000_000,
      Math.floor(85_000_000 * left),
    ]);
    expect(new Set(grants.map(({ expiresAt }) => expiresAt.getTime()))).toEqual(new Set([end * 1_000]));
  });
});

describe("M13: failed renewals", () => {
  test("M13: a failed renewal grants three days of credit, and the paid month is reduced by what was spent of it", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await changeCard(testEnv.stripe, customer, "pm_card_chargeCustomerFail");
    await testEnv.travel(laterBy((await overview(ada)).nextPayment?.at, 2 * 3_600_000));
    await syncCustomer(customer);
    expect(await available(ada)).toBe(1_500_000);
    await spendMicros(ada, 400_000);
    await changeCard(testEnv.stripe, customer, "pm_card_visa");
    const [open] = (await testEnv.stripe.invoices.list({ customer, status: "open" })).data;
    await testEnv.stripe.invoices.pay(open?.id ?? "");
    await syncCustomer(customer);
    await syncCustomer(customer);
    expect(await available(ada)).toBe(14_600_000);
    expect(await sumsOf(testEnv, ada.workspaceId)).toMatchObject({ brokenGrants: 0, grantEntriesOff: 0 });
  });

  test("M13: an unpaid renewal ends with Free's entitlements and no credit, and deletes nothing", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await changeCard(testEnv.stripe, customer, "pm_card_chargeCustomerFail");
    await testEnv.travel(laterBy((await overview(ada)).nextPayment?.at, 2 * 3_600_000));
    await syncCustomer(customer);
    await testEnv.travel(laterBy(now(), 3 * dayMs));
    await syncCustomer(customer);
    expect(entitlementsOf(await readSubscriptionState(testEnv, ada), now()).plan).toBe("free");
    expect(await available(ada)).toBe(0);
    expect(await readGrants(testEnv, ada)).toHaveLength(2);
  });
});

describe("known failure mode: refund keeps the credit (M18)", () => {
  test("M18: refunds claw back the refunded share of the grant, add up, and never exceed the grant", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
    await testEnv.stripe.refunds.create({ charge: charge?.id ?? "", amount: 475 });
    await syncCustomer(customer);
    expect(await available(ada)).toBe(11_250_000);
    expect(await invoicesShown(ada)).toMatchObject([
      {
        purpose: [{ kind: "plan", offer: findOffer("pro_month") }],
        returned: { paidCents: 1_900, refundedCents: 475, disputedCents: 0 },
      },
    ]);
    await syncCustomer(customer);
    expect(await available(ada)).toBe(11_250_000);
    await testEnv.stripe.refunds.create({ charge: charge?.id ?? "" });
    await syncCustomer(customer);
    expect(await available(ada)).toBe(0);
    expect(await sumsOf(testEnv, ada.workspaceId)).toMatchObject({ brokenGrants: 0, grantEntriesOff: 0 });
  });

  test("M18: refunding spent credit makes the balance negative, from an event that names only the charge", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await spendMicros(ada, 10_000_000);
    const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
    await testEnv.stripe.refunds.create({ charge: charge?.id ?? "" });
    const events = (await testEnv.stripe.events.list({ type: "refund.created" })).data;
    expect(events).toHaveLength(1);
    expect((await postWebhook(testEnv, events[0])).status).toBe(200);
    await processEvent(events[0]?.id ?? "");
    expect(await available(ada)).toBe(-10_000_000);
  });

  test("M18: refunding a yearly plan claws back its share of every month, including later ones", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_year");
    const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
    await testEnv.stripe.refunds.create({ charge: charge?.id ?? "", amount: 9_500 });
    await syncCustomer(customer);
    expect(await available(ada)).toBe(7_500_000);
    const [grant] = await readGrants(testEnv, ada);
    await testEnv.travel(laterBy(grant?.expiresAt, 1_000));
    await syncCustomer(customer);
    expect(await available(ada)).toBe(7_500_000);
    expect((await listStripeEvents(testEnv, customer)).length).toBeGreaterThan(0);
  });
});

describe("M15: top-ups", () => {
  async function buy(customer: Customer, lookupKey: string): Promise<string> {
    const { url } = await startTopUp(customer, lookupKey, now());
    const answer = await submitCard(url, goodCard);
    return new URL(answer.headers.get("location") ?? "").searchParams.get("session_id") ?? "";
  }

  test("M15: a top-up is granted once when its payment succeeds, also on Free, and is spent after the allowance", async () => {
    const ada = await addCustomer(testEnv);
    const pages = await Promise.all([1, 2, 3].map(() => startTopUp(ada, "top_up_20", now())));
    expect(new Set(pages.map(({ url }) => url)).size).toBe(1);
    expect(await readGrants(testEnv, ada)).toEqual([]);
    const session = await buy(ada, "top_up_20");
    await Promise.all([1, 2, 3].map(() => finishCheckout(ada.workspaceId, session)));
    expect(await available(ada)).toBe(20_000_000);
    await subscribe(testEnv, ada, "pro_month");
    await spendMicros(ada, 15_000_000);
    const left = (await readGrants(testEnv, ada)).map(({ kind, remainingMicros }) => [kind, remainingMicros]);
    expect(left).toContainEqual(["allowance", 0]);
    expect(left).toContainEqual(["top_up", 20_000_000]);
  });

  test("M15: a top-up can be bought again after payment, and a refund claws back only its own top-up", async () => {
    const ada = await addCustomer(testEnv);
    await finishCheckout(ada.workspaceId, await buy(ada, "top_up_5"));
    await finishCheckout(ada.workspaceId, await buy(ada, "top_up_50"));
    expect(await available(ada)).toBe(55_000_000);
    const customer = await readStripeCustomerId(testEnv, ada);
    const [newest] = (await testEnv.stripe.charges.list({ customer })).data;
    expect(newest?.amount).toBe(5_000);
    await testEnv.stripe.refunds.create({ charge: newest?.id ?? "" });
    await syncCustomer(customer);
    expect(await available(ada)).toBe(5_000_000);
  });

  test("M15: a top-up is rejected for a member and for a price that is no top-up", async () => {
    const ada = await addCustomer(testEnv);
    await expect(startTopUp(ada, "pro_month", now())).rejects.toMatchObject({ code: "not_found" });
    const member = { ...ada, memberRole: "member" as const };
    await expect(startTopUp(member, "top_up_5", now())).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("known failure mode: dispute keeps the credit (M19)", () => {
  test.each([
    ["won", "winning_evidence", 15_000_000],
    ["lost", "losing_evidence", 0],
  ])(
    "M19: an open dispute claws back the credit, and a dispute that is %s leaves the right balance",
    async (_outcome, evidence, end) => {
      const ada = await addCustomer(testEnv);
      // Payments with this card are disputed at once.
      await payCheckout(ada, "pro_month", "4000000000000259");
      const [opened] = (await testEnv.stripe.events.list({ type: "charge.dispute.created" })).data;
      expect((await postWebhook(testEnv, opened)).status).toBe(200);
      await processEvent(opened?.id ?? "");
      expect(await readGrants(testEnv, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
      expect(await available(ada)).toBe(0);
      const back = [{ returned: { paidCents: 1_900, refundedCents: 0, disputedCents: 1_900 } }];
      expect(await invoicesShown(ada)).toMatchObject(back);
      expect(
        (await readCustomerDetail(testEnv.db, ada.workspaceId, undefined, now()))?.invoices,
      ).toMatchObject(back);
      const customer = await readStripeCustomerId(testEnv, ada);
      const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
      const [dispute] = (await testEnv.stripe.disputes.list({ charge: charge?.id ?? "" })).data;
      await testEnv.stripe.disputes.update(dispute?.id ?? "", {
        evidence: { uncategorized_text: evidence },
        submit: true,
      });
      await syncCustomer(customer);
      await syncCustomer(customer);
      expect(await available(ada)).toBe(end);
      expect(await sumsOf(testEnv, ada.workspaceId)).toMatchObject({ brokenGrants: 0, grantEntriesOff: 0 });
    },
  );
});
