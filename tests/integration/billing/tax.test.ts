import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { readBilling } from "#lib/billing/reports/billing-overview.ts";
import { changePlan, previewChange } from "#lib/billing/change-plan.ts";
import { startCheckout, startTopUp } from "#lib/billing/checkout.ts";
import { explainInvoice } from "#lib/billing/reports/explain-invoice.ts";
import { readCustomerLine } from "#lib/billing/operator/customer-list.ts";
import { readOperatorOverview } from "#lib/billing/operator/operator-overview.ts";
import { trialEndingLetter } from "#lib/billing/plan-letters.ts";
import { readRevenue } from "#lib/billing/reports/revenue.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { proTrial } from "#lib/billing/trial.ts";
import { now } from "#lib/core/clock.ts";
import { fromCents } from "#lib/core/money.ts";
import {
  addCustomer,
  type BillingWorld,
  createBillingWorld,
  goodCard,
  grantsOf,
  resetEnvironment,
  stripeCustomerOf,
  subscribe,
} from "#tests/integration/billing/billing-world.ts";
import { submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let world: BillingWorld;
beforeAll(async () => {
  world = await createBillingWorld();
});
afterAll(() => world.close());

function switchTax(state: "on" | "off"): void {
  vi.stubEnv("STRIPE_TAX", state);
  resetEnvironment();
}

describe("with Stripe Tax", () => {
  beforeEach(() => switchTax("on"));
  afterEach(() => switchTax("off"));

  test("a Checkout asks Stripe for tax, the address that it needs, and a tax id", async () => {
    const ada = await addCustomer(world);
    await startCheckout(ada, "pro_month", now());
    const [session] = (await world.stripe.checkout.sessions.list({ limit: 1 })).data;
    expect(session?.automatic_tax).toMatchObject({ enabled: true, status: "requires_location_inputs" });
    expect(session?.tax_id_collection?.enabled).toBe(true);
  });

  test("what was bought so is taxed at each invoice, at a change as it was previewed, and gives the whole allowance (M10)", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const [subscription] = (await world.stripe.subscriptions.list({ customer })).data;
    expect(subscription?.automatic_tax).toMatchObject({ enabled: true, liability: { type: "self" } });
    expect(await grantsOf(world, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
    const preview = await previewChange(ada, "enterprise_month", now());
    if (preview === null) throw new Error("That plan runs already.");
    await changePlan(ada, { ...preview, lookupKey: "enterprise_month" }, now());
    const bills = (await world.stripe.invoices.list({ customer })).data;
    expect(bills.map(({ automatic_tax: tax }) => [tax.enabled, tax.status])).toEqual([
      [true, "complete"],
      [true, "complete"],
    ]);
    expect(fromCents(bills[0]?.amount_paid ?? 0)).toBe(preview.dueNowMicros);
  });

  test("a price that is named in a letter is said to be without tax", () => {
    const { offer } = proTrial;
    const { paragraphs } = trialEndingLetter({ offer, endsAt: now(), firstCents: offer.price.cents });
    expect(paragraphs[0]).toContain("is charged $19.00 plus tax,");
  });

  test("a top-up is taxed too, and Stripe keeps the address for the next one", async () => {
    const ada = await addCustomer(world);
    const { url } = await startTopUp(ada, "top_up_20", now());
    expect((await submitCard(url, goodCard)).status).toBe(303);
    const customer = await stripeCustomerOf(world, ada);
    const [bill] = (await world.stripe.invoices.list({ customer })).data;
    expect(bill?.automatic_tax).toMatchObject({ enabled: true, status: "complete" });
    const known = await world.stripe.customers.retrieve(customer);
    expect("address" in known && known.address?.country).toBe("US");
  });
});

test("without it, nothing of tax is asked", async () => {
  const ada = await addCustomer(world);
  const customer = await subscribe(world, ada, "pro_month");
  const [session] = (await world.stripe.checkout.sessions.list({ customer })).data;
  expect(session?.automatic_tax.enabled).toBe(false);
  expect(session?.tax_id_collection).toBeUndefined();
  const [subscription] = (await world.stripe.subscriptions.list({ customer })).data;
  expect(subscription?.automatic_tax.enabled).toBe(false);
});

test("Stripe refuses tax for a customer without an address that may not be asked for one", async () => {
  const ada = await addCustomer(world);
  await startCheckout(ada, "pro_month", now());
  const asked = {
    mode: "subscription" as const,
    customer: await stripeCustomerOf(world, ada),
    line_items: [
      { price: (await world.stripe.prices.list({ lookup_keys: ["pro_month"] })).data[0]?.id ?? "" },
    ],
    success_url: "https://chat.example/",
  };
  await expect(
    world.stripe.checkout.sessions.create({ ...asked, automatic_tax: { enabled: true } }),
  ).rejects.toThrow("requires a valid address on the Customer");
  await expect(
    world.stripe.checkout.sessions.create({ ...asked, tax_id_collection: { enabled: true } }),
  ).rejects.toThrow("set `customer_update[name]` to `auto`");
});

test("tax is shown, and is neither revenue nor margin (M8)", async () => {
  const ada = await addCustomer(world);
  const before = await readOperatorOverview(world.db, 30, now());
  const customer = await subscribe(world, ada, "pro_month");
  await syncCustomer(customer);
  const [bill] = (await world.stripe.invoices.list({ customer })).data;
  const id = bill?.id ?? "";
  // The sandbox's account is registered nowhere, so that a fifth is put on what we keep of the invoice and its payment.
  await world.sql`update invoices set total_cents = 2280, amount_paid_cents = 2280 where id = ${id}`;
  await world.sql`update charges set amount_cents = 2280, refunded_cents = 1140 where invoice_id = ${id}`;
  await world.sql`insert into invoice_lines (id, invoice_id, description, is_proration, amount_cents, period_start, period_end)
    values (${`${id}:tax`}, ${id}, 'Tax', false, 380, now(), now())`;

  const workspace = { workspaceId: ada.workspaceId, workspaceCreatedAt: now() };
  const [shown] = (await readBilling(world.db, workspace, now())).invoices;
  expect(shown).toMatchObject({ totalMicros: 22_800_000, taxMicros: 3_800_000 });
  const { lines } = await explainInvoice(world.db, ada.workspaceId, id);
  expect(lines.map(({ isTax, amountCents, grants }) => [isTax, amountCents, grants.length]).sort()).toEqual([
    [false, 1_900, 1],
    [true, 380, 0],
  ]);
  expect(await readCustomerLine(world.db, ada.workspaceId, now())).toMatchObject({
    paidMicros: 9_500_000,
    marginMicros: 9_500_000,
  });
  const after = await readOperatorOverview(world.db, 30, now());
  expect(after.month.paidMicros - before.month.paidMicros).toBe(9_500_000);
  expect(after.today.mrrCents - before.today.mrrCents).toBe(1_900);
  expect((await readRevenue(world.db, after.today.day, now())).mrrCents).toBe(after.today.mrrCents);
});
