import { and, eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { auditLog } from "#db/schema/accounts.ts";
import { finishCardChange, startCardChange } from "#lib/billing/actions/change-card.ts";
import { changePlan } from "#lib/billing/actions/change-plan.ts";
import { previewChange } from "#lib/billing/actions/preview-plan-change.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  resetEnvCaches,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { changeCard, submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

const newCard = "5555555555554444";
let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
  configure("pk_test_sandbox");
});
afterEach(() => configure("pk_test_sandbox"));
afterAll(() => testEnv.close());

function configure(publishableKey: string): void {
  vi.stubEnv("STRIPE_PUBLISHABLE_KEY", publishableKey);
  resetEnvCaches();
}

/** Enters a card in the embedded form, as the frame does. */
async function giveCard(customer: Customer, number: string): Promise<void> {
  const change = await startCardChange(customer);
  if (change.kind !== "embedded") throw new Error("There is no form.");
  const answer = await submitCard(`${testEnv.url}/c/embed/${change.clientSecret}`, number);
  expect(answer.status).toBe(200);
}

/** Returns the last four digits of the cards of the subscription, the customer and /billing. */
async function cardsOf(customer: Customer, customerId: string) {
  const { data } = await testEnv.stripe.subscriptions.list({
    customer: customerId,
    expand: ["data.default_payment_method"],
  });
  const known = await testEnv.stripe.customers.retrieve(customerId, {
    expand: ["invoice_settings.default_payment_method"],
  });
  if (known.deleted) throw new Error("The customer was deleted.");
  const [row] =
    await testEnv.sql`select card_last4 from billing_customers where workspace_id = ${customer.workspaceId}`;
  const last4Of = (method: (typeof data)[number]["default_payment_method"]) =>
    typeof method === "object" ? method?.card?.last4 : method;
  return [
    last4Of(data[0]?.default_payment_method ?? null),
    last4Of(known.invoice_settings.default_payment_method),
    row?.card_last4,
  ];
}

test("a card entered in place becomes the default of the customer and the running subscription", async () => {
  const customer = await addCustomer(testEnv);
  const customerId = await subscribe(testEnv, customer, "pro_month");
  await giveCard(customer, newCard);
  await finishCardChange(customer);
  expect(await cardsOf(customer, customerId)).toEqual(["4444", "4444", "4444"]);
  const audit = await testEnv.db
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.workspaceId, customer.workspaceId), eq(auditLog.action, "card.changed")));
  expect(audit).toMatchObject([{ actorUserId: customer.userId }]);
});

test("a card entered in place becomes the default by the next sync when the browser never returns", async () => {
  const customer = await addCustomer(testEnv);
  const customerId = await subscribe(testEnv, customer, "pro_month");
  await giveCard(customer, newCard);
  await syncCustomer(customerId);
  expect(await cardsOf(customer, customerId)).toEqual(["4444", "4444", "4444"]);
});

test.each(["here", "at Stripe"])(
  "a card given %s is charged after a change that was scheduled earlier",
  async (where) => {
    const customer = await addCustomer(testEnv);
    const customerId = await subscribe(testEnv, customer, "enterprise_month");
    const preview = await previewChange(customer, "pro_month", now());
    if (preview === null) throw new Error("There is nothing to change.");
    await changePlan(customer, { ...preview, lookupKey: "pro_month" }, now());
    if (where === "here") await giveCard(customer, newCard);
    else await changeCard(testEnv.stripe, customerId, "pm_card_mastercard");
    await syncCustomer(customerId);
    const chosen = await cardsOf(customer, customerId);
    expect(chosen).toEqual(["4444", "4444", "4444"]);
    await testEnv.travel(new Date(now().getTime() + 32 * 86_400_000).toISOString());
    await syncCustomer(customerId);
    expect(await cardsOf(customer, customerId)).toEqual(chosen);
    expect((await testEnv.stripe.invoices.list({ customer: customerId })).data[0]).toMatchObject({
      billing_reason: "subscription_cycle",
      total: 1_900,
      status: "paid",
    });
  },
);

test("repeated syncs do not replace a card that was chosen at Stripe later", async () => {
  const customer = await addCustomer(testEnv);
  const customerId = await subscribe(testEnv, customer, "pro_month");
  await giveCard(customer, newCard);
  await syncCustomer(customerId);
  await changeCard(testEnv.stripe, customerId, "pm_card_amex");
  const events = (await testEnv.stripe.events.list({ limit: 100 })).data.length;
  for (const _ of [1, 2, 3]) await syncCustomer(customerId);
  expect(await cardsOf(customer, customerId)).toEqual(["0005", "0005", "0005"]);
  expect((await testEnv.stripe.events.list({ limit: 100 })).data).toHaveLength(events);
});

test("a card that was detached before its sync does not become the default", async () => {
  const customer = await addCustomer(testEnv);
  const customerId = await subscribe(testEnv, customer, "pro_month");
  await giveCard(customer, newCard);
  const { data } = await testEnv.stripe.paymentMethods.list({ customer: customerId });
  const given = data.find(({ card }) => card?.last4 === "4444");
  await testEnv.stripe.paymentMethods.detach(given?.id ?? "");
  await syncCustomer(customerId);
  await syncCustomer(customerId);
  expect((await cardsOf(customer, customerId))[2]).toBe("4242");
});

test("concurrent card changes share one form, and a used form is replaced", async () => {
  const customer = await addCustomer(testEnv);
  await subscribe(testEnv, customer, "pro_month");
  const [one, two] = await Promise.all([startCardChange(customer), startCardChange(customer)]);
  expect(one).toEqual(two);
  await giveCard(customer, newCard);
  expect(await startCardChange(customer)).not.toEqual(one);
});

test("a setup session that the product did not create changes no card", async () => {
  const customer = await addCustomer(testEnv);
  const customerId = await subscribe(testEnv, customer, "pro_month");
  const session = await testEnv.stripe.checkout.sessions.create({
    mode: "setup",
    currency: "usd",
    customer: customerId,
    success_url: "http://localhost:3000/billing",
  });
  await submitCard(session.url ?? "", newCard);
  await syncCustomer(customerId);
  expect((await cardsOf(customer, customerId))[2]).toBe("4242");
});

test("the card is changed in Stripe's portal when there is no publishable key", async () => {
  const customer = await addCustomer(testEnv);
  await subscribe(testEnv, customer, "pro_month");
  configure("");
  const change = await startCardChange(customer);
  expect(change).toEqual({ kind: "portal", url: expect.stringContaining("/p/session/") });
});

test("a member without billing rights cannot change the card, nor can an owner before the first payment", async () => {
  const customer = await addCustomer(testEnv);
  await expect(startCardChange({ ...customer, memberRole: "member" })).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(startCardChange(customer)).rejects.toMatchObject({ code: "not_found" });
});
