import { afterEach, beforeEach, expect, test } from "vitest";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import {
  addCustomer,
  type BillingWorld,
  createBillingWorld,
  grantsOf,
  subscribe,
} from "#tests/integration/billing/billing-world.ts";

// Stripe answers a hundred at a time, and somebody who buys credit twice a week has more than that in a year.

let world: BillingWorld;
beforeEach(async () => {
  world = await createBillingWorld();
});
afterEach(() => world.close());

const moreThanAPage = Array.from({ length: 101 });

test("M10: a year's later months are granted, however many invoices came after the one that paid for it", async () => {
  const ada = await addCustomer(world);
  const customer = await subscribe(world, ada, "pro_year");
  for (const _ of moreThanAPage) {
    await world.stripe.invoiceItems.create({ customer, amount: 100, currency: "usd" });
    const { id } = await world.stripe.invoices.create({ customer, auto_advance: false });
    await world.stripe.invoices.finalizeInvoice(id);
  }
  await world.travel(new Date(now().getTime() + 32 * 86_400_000).toISOString());
  await syncCustomer(customer);
  expect((await grantsOf(world, ada)).map(({ amountMicros }) => amountMicros)).toEqual([
    15_000_000, 15_000_000,
  ]);
});

test("M18: a refund takes back what was granted, however many payments came after the one that is refunded", async () => {
  const ada = await addCustomer(world);
  const customer = await subscribe(world, ada, "pro_year");
  const [charge] = (await world.stripe.charges.list({ customer })).data;
  const payment = { customer, amount: 100, currency: "usd", payment_method: "pm_card_visa", confirm: true };
  for (const _ of moreThanAPage) await world.stripe.paymentIntents.create({ ...payment, off_session: true });
  await world.stripe.refunds.create({ charge: charge?.id ?? "" });
  await syncCustomer(customer);
  const [year] = await grantsOf(world, ada);
  expect(year).toMatchObject({ takenBackMicros: 15_000_000, remainingMicros: 0 });
});
