import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { billingCustomers } from "#db/schema/billing.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  postWebhook,
  startBillingTestEnv,
  subscribe,
  subscribeThroughCheckout,
} from "#tests/integration/billing/billing-test-env.ts";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
afterAll(() => testEnv.close());

async function detailsOf({ workspaceId }: Customer) {
  const [row] = await testEnv.db
    .select()
    .from(billingCustomers)
    .where(eq(billingCustomers.workspaceId, workspaceId));
  if (row === undefined) throw new Error("There is no customer.");
  return row;
}

test("each sync stores Stripe's default card, address and tax ids", async () => {
  const customer = await addCustomer(testEnv);
  const customerId = await subscribeThroughCheckout(testEnv, customer, "pro_month");
  expect(await detailsOf(customer)).toMatchObject({
    cardBrand: "visa",
    cardLast4: "4242",
    cardExpMonth: 12,
    cardExpYear: 2049,
    address: null,
    taxIds: [],
  });

  await changeCard(testEnv.stripe, customerId, "pm_card_mastercard");
  await testEnv.stripe.customers.update(customerId, {
    name: "Analytical Engines Ltd",
    address: { line1: "12 Rue du Bac", city: "Paris", postal_code: "75007", country: "FR" },
  });
  await testEnv.stripe.customers.createTaxId(customerId, { type: "eu_vat", value: "FR12345678901" });
  await syncCustomer(customerId);
  const known = await detailsOf(customer);
  expect(known).toMatchObject({
    cardBrand: "mastercard",
    cardLast4: "4444",
    invoiceName: "Analytical Engines Ltd",
    address: { line1: "12 Rue du Bac", city: "Paris", postalCode: "75007", country: "FR", state: null },
    taxIds: [{ type: "eu_vat", value: "FR12345678901" }],
  });

  await testEnv.stripe.customers.del(customerId);
  await syncCustomer(customerId);
  expect(await detailsOf(customer)).toMatchObject({
    cardLast4: null,
    invoiceName: null,
    address: null,
    taxIds: [],
  });
});

test("the event of a detached card names its customer", async () => {
  const customer = await addCustomer(testEnv);
  const customerId = await subscribe(testEnv, customer, "pro_month");
  const [method] = (await testEnv.stripe.paymentMethods.list({ customer: customerId })).data;
  await testEnv.stripe.paymentMethods.detach(method?.id ?? "");
  const events = await testEnv.stripe.events.list({ type: "payment_method.detached", limit: 1 });
  expect((await postWebhook(testEnv, events.data[0])).status).toBe(200);
  const [stored] =
    await testEnv.sql`select customer_id from stripe_events where id = ${events.data[0]?.id ?? ""}`;
  expect(stored?.customer_id).toBe(customerId);
  await syncCustomer(customerId);
  expect((await detailsOf(customer)).cardLast4).toBeNull();
});
