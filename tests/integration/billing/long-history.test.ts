import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import {
  addCustomer,
  type BillingTestEnv,
  readGrants,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";

// Stripe returns at most 100 objects per page; two top-ups a week exceed that in a year.

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(() => testEnv.reset());
afterAll(() => testEnv.close());

const moreThanAPage = Array.from({ length: 101 });

test("M10: a yearly plan's later months are granted when more than a page of newer invoices exists", async () => {
  const ada = await addCustomer(testEnv);
  const customer = await subscribe(testEnv, ada, "pro_year");
  for (const _ of moreThanAPage) {
    await testEnv.stripe.invoiceItems.create({ customer, amount: 100, currency: "usd" });
    const { id } = await testEnv.stripe.invoices.create({ customer, auto_advance: false });
    await testEnv.stripe.invoices.finalizeInvoice(id);
  }
  await testEnv.travel(new Date(now().getTime() + 32 * 86_400_000).toISOString());
  await syncCustomer(customer);
  expect((await readGrants(testEnv, ada)).map(({ amountMicros }) => amountMicros)).toEqual([
    15_000_000, 15_000_000,
  ]);
});

test("M18: a refund claws back its grant when more than a page of newer payments exists", async () => {
  const ada = await addCustomer(testEnv);
  const customer = await subscribe(testEnv, ada, "pro_year");
  const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
  const payment = { customer, amount: 100, currency: "usd", payment_method: "pm_card_visa", confirm: true };
  for (const _ of moreThanAPage)
    await testEnv.stripe.paymentIntents.create({ ...payment, off_session: true });
  await testEnv.stripe.refunds.create({ charge: charge?.id ?? "" });
  await syncCustomer(customer);
  const [year] = await readGrants(testEnv, ada);
  expect(year).toMatchObject({ takenBackMicros: 15_000_000, remainingMicros: 0 });
});
