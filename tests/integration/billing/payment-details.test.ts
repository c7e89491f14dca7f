import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { billingCustomers } from "#db/schema/billing.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  post,
  subscribe,
} from "#tests/integration/billing/billing-world.ts";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let world: BillingWorld;
beforeAll(async () => {
  world = await createBillingWorld();
});
afterAll(() => world.close());

async function detailsOf({ workspaceId }: Customer) {
  const [row] = await world.db
    .select()
    .from(billingCustomers)
    .where(eq(billingCustomers.workspaceId, workspaceId));
  if (row === undefined) throw new Error("There is no customer.");
  return row;
}

test("the card that is charged, the address and the tax ids are what Stripe has, after each sync", async () => {
  const customer = await addCustomer(world);
  const customerId = await subscribe(world, customer, "pro_month");
  expect(await detailsOf(customer)).toMatchObject({
    cardBrand: "visa",
    cardLast4: "4242",
    cardExpMonth: 12,
    cardExpYear: 2049,
    address: null,
    taxIds: [],
  });

  await changeCard(world.stripe, customerId, "pm_card_mastercard");
  await world.stripe.customers.update(customerId, {
    name: "Analytical Engines Ltd",
    address: { line1: "12 Rue du Bac", city: "Paris", postal_code: "75007", country: "FR" },
  });
  await world.stripe.customers.createTaxId(customerId, { type: "eu_vat", value: "FR12345678901" });
  await syncCustomer(customerId);
  const known = await detailsOf(customer);
  expect(known).toMatchObject({
    cardBrand: "mastercard",
    cardLast4: "4444",
    invoiceName: "Analytical Engines Ltd",
    address: { line1: "12 Rue du Bac", city: "Paris", postalCode: "75007", country: "FR", state: null },
    taxIds: [{ type: "eu_vat", value: "FR12345678901" }],
  });

  await world.stripe.customers.del(customerId);
  await syncCustomer(customerId);
  expect(await detailsOf(customer)).toMatchObject({
    cardLast4: null,
    invoiceName: null,
    address: null,
    taxIds: [],
  });
});

test("a card that was taken away is heard of by its event alone", async () => {
  const customer = await addCustomer(world);
  const customerId = await subscribe(world, customer, "pro_month");
  const [method] = (await world.stripe.paymentMethods.list({ customer: customerId })).data;
  await world.stripe.paymentMethods.detach(method?.id ?? "");
  const events = await world.stripe.events.list({ type: "payment_method.detached", limit: 1 });
  expect((await post(world, events.data[0])).status).toBe(200);
  const [stored] =
    await world.sql`select customer_id from stripe_events where id = ${events.data[0]?.id ?? ""}`;
  expect(stored?.customer_id).toBe(customerId);
  await syncCustomer(customerId);
  expect((await detailsOf(customer)).cardLast4).toBeNull();
});
