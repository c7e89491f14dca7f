import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { changePlan } from "#lib/billing/actions/change-plan.ts";
import { startCheckout, startTopUp } from "#lib/billing/actions/checkout.ts";
import { previewChange } from "#lib/billing/actions/preview-plan-change.ts";
import { proTrial } from "#lib/billing/catalog/trial-offer.ts";
import { trialEndingEmail } from "#lib/billing/emails/plan-emails.ts";
import { readCustomerSummary } from "#lib/billing/operator/customer-list.ts";
import { readOperatorOverview } from "#lib/billing/operator/operator-overview.ts";
import { readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { explainInvoice } from "#lib/billing/reports/explain-invoice.ts";
import { readRevenue } from "#lib/billing/reports/revenue.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import { fromCents } from "#lib/core/money.ts";
import {
  addCustomer,
  type BillingTestEnv,
  goodCard,
  readGrants,
  readStripeCustomerId,
  resetEnvCaches,
  startBillingTestEnv,
  subscribe,
  subscribeThroughCheckout,
} from "#tests/integration/billing/billing-test-env.ts";
import { submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
afterAll(() => testEnv.close());

function switchTax(state: "on" | "off"): void {
  vi.stubEnv("STRIPE_TAX", state);
  resetEnvCaches();
}

describe("with Stripe Tax", () => {
  beforeEach(() => switchTax("on"));
  afterEach(() => switchTax("off"));

  test("with Stripe Tax, Checkout collects tax, the address and a tax id", async () => {
    const ada = await addCustomer(testEnv);
    await startCheckout(ada, "pro_month", now());
    const [session] = (await testEnv.stripe.checkout.sessions.list({ limit: 1 })).data;
    expect(session?.automatic_tax).toMatchObject({ enabled: true, status: "requires_location_inputs" });
    expect(session?.tax_id_collection?.enabled).toBe(true);
  });

  test("with Stripe Tax, each invoice is taxed, a change matches its preview, and the full allowance is granted (M10)", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribeThroughCheckout(testEnv, ada, "pro_month");
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    expect(subscription?.automatic_tax).toMatchObject({ enabled: true, liability: { type: "self" } });
    expect(await readGrants(testEnv, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
    const preview = await previewChange(ada, "enterprise_month", now());
    if (preview === null) throw new Error("That plan runs already.");
    await changePlan(ada, { ...preview, lookupKey: "enterprise_month" }, now());
    const invoices = (await testEnv.stripe.invoices.list({ customer })).data;
    expect(invoices.map(({ automatic_tax: tax }) => [tax.enabled, tax.status])).toEqual([
      [true, "complete"],
      [true, "complete"],
    ]);
    expect(fromCents(invoices[0]?.amount_paid ?? 0)).toBe(preview.dueNowMicros);
  });

  test("with Stripe Tax, emails state prices plus tax", () => {
    const { offer } = proTrial;
    const { paragraphs } = trialEndingEmail({ offer, endsAt: now(), firstCents: offer.price.cents }, "en");
    expect(paragraphs[0]).toContain("We’ll charge $19.00 plus tax to your card");
  });

  test("with Stripe Tax, a top-up is taxed and Stripe keeps the address", async () => {
    const ada = await addCustomer(testEnv);
    const { url } = await startTopUp(ada, "top_up_20", now());
    expect((await submitCard(url, goodCard)).status).toBe(303);
    const customer = await readStripeCustomerId(testEnv, ada);
    const [invoice] = (await testEnv.stripe.invoices.list({ customer })).data;
    expect(invoice?.automatic_tax).toMatchObject({ enabled: true, status: "complete" });
    const known = await testEnv.stripe.customers.retrieve(customer);
    expect("address" in known && known.address?.country).toBe("US");
  });
});

test("without Stripe Tax, Checkout collects no tax details", async () => {
  const ada = await addCustomer(testEnv);
  const customer = await subscribeThroughCheckout(testEnv, ada, "pro_month");
  const [session] = (await testEnv.stripe.checkout.sessions.list({ customer })).data;
  expect(session?.automatic_tax.enabled).toBe(false);
  expect(session?.tax_id_collection).toBeUndefined();
  const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
  expect(subscription?.automatic_tax.enabled).toBe(false);
});

test("Stripe rejects tax for a customer without an address when Checkout may not collect one", async () => {
  const ada = await addCustomer(testEnv);
  await startCheckout(ada, "pro_month", now());
  const sessionParams = {
    mode: "subscription" as const,
    customer: await readStripeCustomerId(testEnv, ada),
    line_items: [
      { price: (await testEnv.stripe.prices.list({ lookup_keys: ["pro_month"] })).data[0]?.id ?? "" },
    ],
    success_url: "https://chat.example/",
  };
  await expect(
    testEnv.stripe.checkout.sessions.create({ ...sessionParams, automatic_tax: { enabled: true } }),
  ).rejects.toThrow("requires a valid address on the Customer");
  await expect(
    testEnv.stripe.checkout.sessions.create({ ...sessionParams, tax_id_collection: { enabled: true } }),
  ).rejects.toThrow("set `customer_update[name]` to `auto`");
});

test("M8: tax is shown but counts neither as revenue nor as margin", async () => {
  const ada = await addCustomer(testEnv);
  const before = await readOperatorOverview(testEnv.db, 30, now());
  const customer = await subscribe(testEnv, ada, "pro_month");
  await syncCustomer(customer);
  const [invoice] = (await testEnv.stripe.invoices.list({ customer })).data;
  const id = invoice?.id ?? "";
  // The sandbox has no tax registration, so the test adds 20 % tax to the stored invoice and its payment.
  await testEnv.sql`update invoices set total_cents = 2280, amount_paid_cents = 2280 where id = ${id}`;
  await testEnv.sql`update charges set amount_cents = 2280, refunded_cents = 1140 where invoice_id = ${id}`;
  await testEnv.sql`insert into invoice_lines (id, invoice_id, description, is_proration, amount_cents, period_start, period_end)
    values (${`${id}:tax`}, ${id}, 'Tax', false, 380, now(), now())`;

  const workspace = { workspaceId: ada.workspaceId, workspaceCreatedAt: now() };
  const [shown] = (await readBillingOverview(testEnv.db, workspace, now())).invoices;
  expect(shown).toMatchObject({ totalMicros: 22_800_000, taxMicros: 3_800_000 });
  const { lines } = await explainInvoice(testEnv.db, ada.workspaceId, id);
  expect(lines.map(({ isTax, amountCents, grants }) => [isTax, amountCents, grants.length]).sort()).toEqual([
    [false, 1_900, 1],
    [true, 380, 0],
  ]);
  expect(await readCustomerSummary(testEnv.db, ada.workspaceId, now())).toMatchObject({
    paidMicros: 9_500_000,
    marginMicros: 9_500_000,
  });
  const after = await readOperatorOverview(testEnv.db, 30, now());
  expect(after.month.paidMicros - before.month.paidMicros).toBe(9_500_000);
  expect(after.today.mrrCents - before.today.mrrCents).toBe(1_900);
  expect((await readRevenue(testEnv.db, after.today.day, now())).mrrCents).toBe(after.today.mrrCents);
});
