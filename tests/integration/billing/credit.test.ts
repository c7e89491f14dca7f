import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBilling } from "#lib/billing/reports/billing-overview.ts";
import { finishCheckout, startTopUp } from "#lib/billing/checkout.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { processEvent } from "#lib/billing/inbox.ts";
import { readCustomerDetail } from "#lib/billing/operator/customer-detail.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import { readBalance } from "#lib/usage/balance.ts";
import { takeHold } from "#lib/usage/holds.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  eventsOf,
  goodCard,
  grantsOf,
  pay,
  post,
  stripeCustomerOf,
  subscribe,
  subscriptionStateOf,
} from "#tests/integration/billing/billing-world.ts";
import { changeCard, submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { interaction, rates, sumsOf } from "#tests/integration/usage/workspace.ts";

// What the payments of a customer do to their credit, from Stripe's own state.

let world: BillingWorld;
beforeEach(async () => {
  world = await createBillingWorld();
});
afterEach(() => world.close());

const dayMs = 86_400_000;
const laterBy = (date: Date | null | undefined, ms: number) =>
  new Date((date?.getTime() ?? Number.NaN) + ms).toISOString();
const invoicesShown = async ({ workspaceId }: Customer) =>
  (await readBilling(world.db, { workspaceId, workspaceCreatedAt: now() }, now())).invoices;
const available = async ({ workspaceId }: Customer) =>
  (await readBalance(world.db, workspaceId, now())).availableMicros;
const overview = ({ workspaceId }: Customer) =>
  readBilling(world.db, { workspaceId, workspaceCreatedAt: now() }, now());

/** Spends credit as an answer does. */
async function spend({ workspaceId }: Customer, micros: number): Promise<void> {
  const holdId = randomUUID();
  const at = now();
  const wish = { holdId, subjectId: holdId, subjectKind: "generation" as const, model: "m", rates };
  const amounts = { amountMicros: micros, minimumMicros: micros };
  await takeHold(world.db, workspaceId, {
    ...wish,
    ...amounts,
    at,
    expiresAt: new Date(at.getTime() + dayMs),
  });
  const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: micros };
  await settleHold(world.db, workspaceId, holdId, {
    usage,
    estimated: false,
    at,
    apiKeyId: null,
    interaction,
  });
}

async function itemOf(customerId: string) {
  const [subscription] = (await world.stripe.subscriptions.list({ customer: customerId })).data;
  const item = subscription?.items.data[0];
  if (subscription === undefined || item === undefined) throw new Error("There is no subscription.");
  return { subscription, item };
}

async function priceOf(lookupKey: string): Promise<string> {
  return (await world.stripe.prices.list({ lookup_keys: [lookupKey] })).data[0]?.id ?? "";
}

describe("M12: an upgrade in mid-period", () => {
  test("gives the difference for the days that are left, once, however often it is synced", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const { item, subscription } = await itemOf(customer);
    const [start, end] = [item.current_period_start, item.current_period_end];
    const at = start + (end - start) / 2;
    await world.travel(new Date(at * 1_000).toISOString());
    await world.stripe.subscriptions.update(subscription.id, {
      items: [{ id: item.id, price: await priceOf("enterprise_month") }],
      proration_behavior: "always_invoice",
      proration_date: Math.floor(at),
    });
    await syncCustomer(customer);
    await syncCustomer(customer);
    const left = (end - Math.floor(at)) / (end - start);
    const grants = await grantsOf(world, ada);
    expect(grants.map(({ amountMicros }) => amountMicros)).toEqual([
      15_000_000,
      Math.floor(85_000_000 * left),
    ]);
    expect(new Set(grants.map(({ expiresAt }) => expiresAt.getTime()))).toEqual(new Set([end * 1_000]));
  });
});

describe("M13: a renewal that fails", () => {
  test("has three days of credit, and what was spent of them is part of the month once it is paid", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await changeCard(world.stripe, customer, "pm_card_chargeCustomerFail");
    await world.travel(laterBy((await overview(ada)).nextPayment?.at, 2 * 3_600_000));
    await syncCustomer(customer);
    expect(await available(ada)).toBe(1_500_000);
    await spend(ada, 400_000);
    await changeCard(world.stripe, customer, "pm_card_visa");
    const [open] = (await world.stripe.invoices.list({ customer, status: "open" })).data;
    await world.stripe.invoices.pay(open?.id ?? "");
    await syncCustomer(customer);
    await syncCustomer(customer);
    expect(await available(ada)).toBe(14_600_000);
    expect(await sumsOf(world, ada.workspaceId)).toMatchObject({ brokenGrants: 0, grantEntriesOff: 0 });
  });

  test("ends with Free's entitlements and without its credit, and nothing is deleted", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await changeCard(world.stripe, customer, "pm_card_chargeCustomerFail");
    await world.travel(laterBy((await overview(ada)).nextPayment?.at, 2 * 3_600_000));
    await syncCustomer(customer);
    await world.travel(laterBy(now(), 3 * dayMs));
    await syncCustomer(customer);
    expect(entitlementsOf(await subscriptionStateOf(world, ada), now()).plan).toBe("free");
    expect(await available(ada)).toBe(0);
    expect(await grantsOf(world, ada)).toHaveLength(2);
  });
});

describe("wound: refund keeps the credit (M18)", () => {
  test("takes back the same share of what the payment gave; parts add up, and never go beyond the grant", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const [charge] = (await world.stripe.charges.list({ customer })).data;
    await world.stripe.refunds.create({ charge: charge?.id ?? "", amount: 475 });
    await syncCustomer(customer);
    expect(await available(ada)).toBe(11_250_000);
    expect(await invoicesShown(ada)).toMatchObject([
      {
        purpose: "Pro, monthly",
        returned: { paidCents: 1_900, refundedCents: 475, disputedCents: 0 },
      },
    ]);
    await syncCustomer(customer);
    expect(await available(ada)).toBe(11_250_000);
    await world.stripe.refunds.create({ charge: charge?.id ?? "" });
    await syncCustomer(customer);
    expect(await available(ada)).toBe(0);
    expect(await sumsOf(world, ada.workspaceId)).toMatchObject({ brokenGrants: 0, grantEntriesOff: 0 });
  });

  test("goes below zero where the credit was spent, and is heard of by an event that names only the charge", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await spend(ada, 10_000_000);
    const [charge] = (await world.stripe.charges.list({ customer })).data;
    await world.stripe.refunds.create({ charge: charge?.id ?? "" });
    const events = (await world.stripe.events.list({ type: "refund.created" })).data;
    expect(events).toHaveLength(1);
    expect((await post(world, events[0])).status).toBe(200);
    await processEvent(events[0]?.id ?? "");
    expect(await available(ada)).toBe(-10_000_000);
  });

  test("of a yearly plan takes its share of every month, also of those that are still to come", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_year");
    const [charge] = (await world.stripe.charges.list({ customer })).data;
    await world.stripe.refunds.create({ charge: charge?.id ?? "", amount: 9_500 });
    await syncCustomer(customer);
    expect(await available(ada)).toBe(7_500_000);
    const [grant] = await grantsOf(world, ada);
    await world.travel(laterBy(grant?.expiresAt, 1_000));
    await syncCustomer(customer);
    expect(await available(ada)).toBe(7_500_000);
    expect((await eventsOf(world, customer)).length).toBeGreaterThan(0);
  });
});

describe("M15: a top-up", () => {
  async function buy(customer: Customer, lookupKey: string): Promise<string> {
    const { url } = await startTopUp(customer, lookupKey, now());
    const answer = await submitCard(url, goodCard);
    return new URL(answer.headers.get("location") ?? "").searchParams.get("session_id") ?? "";
  }

  test("is given once its payment has succeeded, on Free too, and is used after the month's own credit", async () => {
    const ada = await addCustomer(world);
    const pages = await Promise.all([1, 2, 3].map(() => startTopUp(ada, "top_up_20", now())));
    expect(new Set(pages.map(({ url }) => url)).size).toBe(1);
    expect(await grantsOf(world, ada)).toEqual([]);
    const session = await buy(ada, "top_up_20");
    await Promise.all([1, 2, 3].map(() => finishCheckout(ada.workspaceId, session)));
    expect(await available(ada)).toBe(20_000_000);
    await subscribe(world, ada, "pro_month");
    await spend(ada, 15_000_000);
    const left = (await grantsOf(world, ada)).map(({ kind, remainingMicros }) => [kind, remainingMicros]);
    expect(left).toContainEqual(["allowance", 0]);
    expect(left).toContainEqual(["top_up", 20_000_000]);
  });

  test("can be bought again once it was paid, and its refund takes it back alone", async () => {
    const ada = await addCustomer(world);
    await finishCheckout(ada.workspaceId, await buy(ada, "top_up_5"));
    await finishCheckout(ada.workspaceId, await buy(ada, "top_up_50"));
    expect(await available(ada)).toBe(55_000_000);
    const customer = await stripeCustomerOf(world, ada);
    const [newest] = (await world.stripe.charges.list({ customer })).data;
    expect(newest?.amount).toBe(5_000);
    await world.stripe.refunds.create({ charge: newest?.id ?? "" });
    await syncCustomer(customer);
    expect(await available(ada)).toBe(5_000_000);
  });

  test("is refused to a member, and for what is no pack", async () => {
    const ada = await addCustomer(world);
    await expect(startTopUp(ada, "pro_month", now())).rejects.toMatchObject({ code: "not_found" });
    const member = { ...ada, memberRole: "member" as const };
    await expect(startTopUp(member, "top_up_5", now())).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("wound: dispute keeps the credit (M19)", () => {
  test.each([
    ["won", "winning_evidence", 15_000_000],
    ["lost", "losing_evidence", 0],
  ])("takes the credit back while it is open; %s, it ends as it must", async (_outcome, evidence, end) => {
    const ada = await addCustomer(world);
    // A card whose owner disputes at once what was paid with it.
    await pay(ada, "pro_month", "4000000000000259");
    const [opened] = (await world.stripe.events.list({ type: "charge.dispute.created" })).data;
    expect((await post(world, opened)).status).toBe(200);
    await processEvent(opened?.id ?? "");
    expect(await grantsOf(world, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
    expect(await available(ada)).toBe(0);
    const back = [{ returned: { paidCents: 1_900, refundedCents: 0, disputedCents: 1_900 } }];
    expect(await invoicesShown(ada)).toMatchObject(back);
    expect((await readCustomerDetail(world.db, ada.workspaceId, undefined, now()))?.invoices).toMatchObject(
      back,
    );
    const customer = await stripeCustomerOf(world, ada);
    const [charge] = (await world.stripe.charges.list({ customer })).data;
    const [dispute] = (await world.stripe.disputes.list({ charge: charge?.id ?? "" })).data;
    await world.stripe.disputes.update(dispute?.id ?? "", {
      evidence: { uncategorized_text: evidence },
      submit: true,
    });
    await syncCustomer(customer);
    await syncCustomer(customer);
    expect(await available(ada)).toBe(end);
    expect(await sumsOf(world, ada.workspaceId)).toMatchObject({ brokenGrants: 0, grantEntriesOff: 0 });
  });
});
