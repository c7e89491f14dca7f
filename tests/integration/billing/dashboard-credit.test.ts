import type Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import { readBalance } from "#lib/usage/balance.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  readGrants,
  readSubscriptionState,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { spendCredit } from "#tests/integration/billing/spend-credit.ts";
import { sumsOf } from "#tests/integration/usage/workspace.ts";

// Credit equals the money paid for it, whatever an administrator changes in Stripe's dashboard.

let testEnv: BillingTestEnv;
let ada: Customer;
let customer: string;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(async () => {
  await testEnv.reset();
  ada = await addCustomer(testEnv);
});
afterAll(() => testEnv.close());

const dayS = 86_400;
const pro = 15_000_000;
const enterprise = 100_000_000;

const priceOf = async (lookupKey: string) =>
  (await testEnv.stripe.prices.list({ lookup_keys: [lookupKey] })).data[0]?.id ?? "";

async function runningSubscription() {
  const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
  const item = subscription?.items.data[0];
  if (subscription === undefined || item === undefined) throw new Error("There is no subscription.");
  return { subscription, item, start: item.current_period_start, end: item.current_period_end };
}

/** Travels to a second; returns the rest of the period as a share of it, in exact parts. */
async function travelTo(second: number): Promise<void> {
  await testEnv.travel(new Date(second * 1_000).toISOString());
}

/** The credit of a monthly amount for the time from `from` to `end`, rounded down. */
const shareOf = (micros: number, from: number, { start, end }: { start: number; end: number }) =>
  Number((BigInt(micros) * BigInt(end - from)) / BigInt(end - start));

async function update(params: Stripe.SubscriptionUpdateParams): Promise<Stripe.Subscription> {
  const { subscription } = await runningSubscription();
  return testEnv.stripe.subscriptions.update(subscription.id, params);
}

/** The credit that was granted and not taken back, over all grants that ever were. */
async function netGranted(): Promise<number> {
  const grants = await readGrants(testEnv, ada);
  return grants.reduce((sum, grant) => sum + grant.amountMicros - grant.takenBackMicros, 0);
}
const available = async () => (await readBalance(testEnv.db, ada.workspaceId, now())).availableMicros;
const planOf = async () => entitlementsOf(await readSubscriptionState(testEnv, ada), now()).plan;
const sync = () => syncCustomer(customer);

describe("changes of plan in the dashboard", () => {
  it("B3: a swap by deletion and a new item grants the same credit as a swap in place", async () => {
    customer = await subscribe(testEnv, ada, "pro_month");
    const period = await runningSubscription();
    const at = period.start + 10 * dayS;
    await travelTo(at);
    await update({
      items: [{ id: period.item.id, deleted: true }, { price: await priceOf("enterprise_month") }],
      proration_behavior: "always_invoice",
      proration_date: at,
    });
    await sync();
    await sync();
    expect(await planOf()).toBe("enterprise");
    expect(await netGranted()).toBe(pro + shareOf(enterprise - pro, at, period));
    expect((await readGrants(testEnv, ada)).map(({ takenBackMicros }) => takenBackMicros)).toEqual([0, 0]);
  });

  it("B3: on a yearly plan, a swap by deletion changes the current and the coming months", async () => {
    customer = await subscribe(testEnv, ada, "pro_year");
    const { item, start } = await runningSubscription();
    const at = start + 10 * dayS;
    await travelTo(at);
    await update({
      items: [{ id: item.id, deleted: true }, { price: await priceOf("enterprise_year") }],
      proration_behavior: "always_invoice",
      proration_date: at,
    });
    await sync();
    const [first] = await readGrants(testEnv, ada);
    const month = { start, end: (first?.expiresAt.getTime() ?? 0) / 1_000 };
    expect(await netGranted()).toBe(pro + shareOf(enterprise - pro, at, month));
    await travelTo(month.end + 60);
    await sync();
    expect(await available()).toBe(enterprise);
  });

  it("B4: a second plan item counts as the higher plan, and both plans' credit is granted", async () => {
    customer = await subscribe(testEnv, ada, "pro_month");
    const period = await runningSubscription();
    const at = period.start + 10 * dayS;
    await travelTo(at);
    await update({
      items: [{ price: await priceOf("enterprise_month") }],
      proration_behavior: "always_invoice",
      proration_date: at,
    });
    await sync();
    expect(await planOf()).toBe("enterprise");
    expect(await netGranted()).toBe(pro + shareOf(enterprise, at, period));
    await travelTo(period.end + 2 * 3_600);
    await sync();
    expect(await available()).toBe(pro + enterprise);
  });

  it("B5: a quantity of three grants three times the credit", async () => {
    customer = await subscribe(testEnv, ada, "pro_month");
    const period = await runningSubscription();
    const at = period.start + 10 * dayS;
    await travelTo(at);
    await update({
      items: [{ id: period.item.id, quantity: 3 }],
      proration_behavior: "always_invoice",
      proration_date: at,
    });
    await sync();
    expect(await netGranted()).toBe(pro + shareOf(2 * pro, at, period));
    await travelTo(period.end + 2 * 3_600);
    await sync();
    expect(await available()).toBe(3 * pro);
  });

  it("B7: an upgrade that is billed with the renewal grants its credit when that is paid", async () => {
    customer = await subscribe(testEnv, ada, "pro_month");
    const period = await runningSubscription();
    const at = period.start + 10 * dayS;
    await travelTo(at);
    await update({
      items: [{ id: period.item.id, price: await priceOf("enterprise_month") }],
      proration_date: at,
    });
    await sync();
    expect(await planOf()).toBe("enterprise");
    expect(await netGranted()).toBe(pro);
    await travelTo(period.end + 2 * 3_600);
    await sync();
    await sync();
    const late = shareOf(enterprise - pro, at, period);
    expect(await available()).toBe(enterprise + late);
    const grant = (await readGrants(testEnv, ada)).find(({ amountMicros }) => amountMicros === late);
    // It is valid for as long as the time that was paid for: 20 days or so, from the payment on.
    const validS = ((grant?.expiresAt.getTime() ?? 0) - (grant?.startsAt.getTime() ?? 0)) / 1_000;
    expect(validS).toBe(period.end - at);
    expect(grant?.expiresAt.getTime()).toBeGreaterThan(now().getTime());
  });

  it("B7: a downgrade that is billed with the renewal takes back only what was used beyond it", async () => {
    customer = await subscribe(testEnv, ada, "enterprise_month");
    const period = await runningSubscription();
    const at = period.start + 10 * dayS;
    await spendCredit(testEnv, ada, 30_000_000);
    await travelTo(at);
    await update({
      items: [{ id: period.item.id, price: await priceOf("pro_month") }],
      proration_date: at,
    });
    await travelTo(period.end + 2 * 3_600);
    await sync();
    // 100 less 85 for two thirds of the month were paid for: more than was used, so nothing is owed.
    expect(await available()).toBe(pro);
  });

  it("B7: a month that is paid after its end grants its credit from the payment on", async () => {
    customer = await subscribe(testEnv, ada, "pro_month");
    const period = await runningSubscription();
    await testEnv.stripe.subscriptions.update((await runningSubscription()).subscription.id, {
      collection_method: "send_invoice",
      days_until_due: 60,
    });
    await travelTo(period.end + 40 * dayS);
    const open = (await testEnv.stripe.invoices.list({ customer, status: "open" })).data;
    const late = open.find(({ lines }) => lines.data[0]?.period.start === period.end);
    await testEnv.stripe.invoices.pay(late?.id ?? "");
    await sync();
    expect(await netGranted()).toBe(2 * pro);
    expect(await available()).toBe(pro);
  });
});

describe("money that returns to the customer", () => {
  it("B8: a plan canceled with proration and bought again from the balance grants no more than was paid", async () => {
    customer = await subscribe(testEnv, ada, "enterprise_month");
    const period = await runningSubscription();
    const at = period.start + 10 * dayS;
    await travelTo(at);
    await testEnv.stripe.subscriptions.cancel(period.subscription.id, { prorate: true, invoice_now: true });
    await sync();
    const used = enterprise - shareOf(enterprise, at, period);
    // The unused share is rounded up, so that never more is left than was paid for.
    expect(Math.abs((await netGranted()) - used)).toBeLessThanOrEqual(1);
    expect(await available()).toBe(await netGranted());
    const [card] = (await testEnv.stripe.customers.listPaymentMethods(customer)).data;
    await testEnv.stripe.subscriptions.create({
      customer,
      default_payment_method: card?.id ?? "",
      items: [{ price: await priceOf("enterprise_month") }],
    });
    await sync();
    await sync();
    expect(Math.abs((await netGranted()) - used - enterprise)).toBeLessThanOrEqual(1);
    expect(await sumsOf(testEnv, ada.workspaceId)).toMatchObject({ brokenGrants: 0, grantEntriesOff: 0 });
  });

  it("B8: an immediate downgrade with proration takes back the credit of the returned money", async () => {
    customer = await subscribe(testEnv, ada, "enterprise_month");
    const period = await runningSubscription();
    const at = period.start + 10 * dayS;
    await travelTo(at);
    await update({
      items: [{ id: period.item.id, price: await priceOf("pro_month") }],
      proration_behavior: "always_invoice",
      proration_date: at,
    });
    await sync();
    const kept = enterprise - shareOf(enterprise - pro, at, period);
    expect(Math.abs((await netGranted()) - kept)).toBeLessThanOrEqual(1);
    await update({
      items: [{ id: period.item.id, price: await priceOf("enterprise_month") }],
      proration_behavior: "always_invoice",
      proration_date: at,
    });
    await sync();
    // Back and forth at the same moment comes to one Enterprise month.
    expect(Math.abs((await netGranted()) - enterprise)).toBeLessThanOrEqual(1);
    expect(await netGranted()).toBeLessThanOrEqual(enterprise);
  });

  it.each([
    ["to the balance", { credit_amount: 950 }, 950],
    ["outside of Stripe", { out_of_band_amount: 475 }, 475],
    ["by a refund", { refund_amount: 950 }, 950],
    ["by a refund and to the balance", { refund_amount: 475, credit_amount: 475 }, 950],
  ])(
    "B8: a credit note that returns money %s takes back the same share once",
    async (_name, parts, cents) => {
      customer = await subscribe(testEnv, ada, "pro_month");
      const [invoice] = (await testEnv.stripe.invoices.list({ customer })).data;
      await testEnv.stripe.creditNotes.create({ invoice: invoice?.id ?? "", amount: cents, ...parts });
      await sync();
      await sync();
      expect(await available()).toBe(pro - (pro * cents) / 1_900);
    },
  );

  it("B8: a credit note before the payment reduces the credit by its share", async () => {
    customer = await subscribe(testEnv, ada, "pro_month");
    const period = await runningSubscription();
    await update({ collection_method: "send_invoice", days_until_due: 10 });
    await travelTo(period.end + 2 * 3_600);
    const [open] = (await testEnv.stripe.invoices.list({ customer, status: "open" })).data;
    await testEnv.stripe.creditNotes.create({ invoice: open?.id ?? "", amount: 1_425 });
    await testEnv.stripe.invoices.pay(open?.id ?? "");
    await sync();
    expect(await available()).toBe(pro / 4);
  });

  it("B8: a refund after the credit has expired unused leaves no debt", async () => {
    customer = await subscribe(testEnv, ada, "pro_month");
    const period = await runningSubscription();
    await spendCredit(testEnv, ada, 5_000_000);
    const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
    await travelTo(period.end + 2 * 3_600);
    await sync();
    await testEnv.sql`select expire_grants(${ada.workspaceId}, ${now().toISOString()})`;
    await testEnv.stripe.refunds.create({ charge: charge?.id ?? "", amount: 950 });
    await sync();
    // Half of the old month was kept, which is more than the 5 that were used.
    expect(await available()).toBe(pro);
  });

  it("B8: refunds of a payment and credit notes of another do not undo each other", async () => {
    customer = await subscribe(testEnv, ada, "pro_month");
    const period = await runningSubscription();
    const at = period.start + 10 * dayS;
    await travelTo(at);
    await update({
      items: [{ id: period.item.id, price: await priceOf("enterprise_month") }],
      proration_behavior: "always_invoice",
      proration_date: at,
    });
    const [upgrade, first] = (await testEnv.stripe.invoices.list({ customer })).data;
    await testEnv.stripe.creditNotes.create({
      ...{ invoice: first?.id ?? "", amount: 1_900, credit_amount: 1_900 },
    });
    const total = upgrade?.total ?? 0;
    await testEnv.stripe.creditNotes.create({
      ...{ invoice: upgrade?.id ?? "", amount: total, refund_amount: total },
    });
    await sync();
    await sync();
    expect(await netGranted()).toBe(0);
  });
});
