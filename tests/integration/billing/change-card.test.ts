import { and, eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { auditLog } from "#db/schema/accounts.ts";
import { finishCardChange, startCardChange } from "#lib/billing/change-card.ts";
import { changePlan, previewChange } from "#lib/billing/change-plan.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  resetEnvironment,
  subscribe,
} from "#tests/integration/billing/billing-world.ts";
import { changeCard, submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

const newCard = "5555555555554444";
let world: BillingWorld;
beforeAll(async () => {
  world = await createBillingWorld();
  configure("pk_test_sandbox");
});
afterEach(() => configure("pk_test_sandbox"));
afterAll(() => world.close());

function configure(publishableKey: string): void {
  vi.stubEnv("STRIPE_PUBLISHABLE_KEY", publishableKey);
  resetEnvironment();
}

/** Opens the form in our page and gives a card there, as the frame does. */
async function giveCard(customer: Customer, number: string): Promise<void> {
  const change = await startCardChange(customer);
  if (change.kind !== "embedded") throw new Error("There is no form.");
  const answer = await submitCard(`${world.url}/c/embed/${change.clientSecret}`, number);
  expect(answer.status).toBe(200);
}

/** The cards that Stripe would charge: the subscription's, the customer's, and the one that /billing shows. */
async function cardsOf(customer: Customer, customerId: string) {
  const { data } = await world.stripe.subscriptions.list({
    customer: customerId,
    expand: ["data.default_payment_method"],
  });
  const known = await world.stripe.customers.retrieve(customerId, {
    expand: ["invoice_settings.default_payment_method"],
  });
  if (known.deleted) throw new Error("The customer was deleted.");
  const [row] =
    await world.sql`select card_last4 from billing_customers where workspace_id = ${customer.workspaceId}`;
  const last4Of = (method: (typeof data)[number]["default_payment_method"]) =>
    typeof method === "object" ? method?.card?.last4 : method;
  return [
    last4Of(data[0]?.default_payment_method ?? null),
    last4Of(known.invoice_settings.default_payment_method),
    row?.card_last4,
  ];
}

test("a card that is given in place is charged from then on, by the customer and the running subscription", async () => {
  const customer = await addCustomer(world);
  const customerId = await subscribe(world, customer, "pro_month");
  await giveCard(customer, newCard);
  await finishCardChange(customer);
  expect(await cardsOf(customer, customerId)).toEqual(["4444", "4444", "4444"]);
  const audit = await world.db
    .select()
    .from(auditLog)
    .where(and(eq(auditLog.workspaceId, customer.workspaceId), eq(auditLog.action, "card.changed")));
  expect(audit).toMatchObject([{ actorUserId: customer.userId }]);
});

test("it is charged from then on also when the browser never came back", async () => {
  const customer = await addCustomer(world);
  const customerId = await subscribe(world, customer, "pro_month");
  await giveCard(customer, newCard);
  await syncCustomer(customerId);
  expect(await cardsOf(customer, customerId)).toEqual(["4444", "4444", "4444"]);
});

test.each(["here", "at Stripe"])(
  "a card that was given %s is charged also after a change that had been in store before",
  async (where) => {
    const customer = await addCustomer(world);
    const customerId = await subscribe(world, customer, "enterprise_month");
    const preview = await previewChange(customer, "pro_month", now());
    if (preview === null) throw new Error("There is nothing to change.");
    await changePlan(customer, { ...preview, lookupKey: "pro_month" }, now());
    if (where === "here") await giveCard(customer, newCard);
    else await changeCard(world.stripe, customerId, "pm_card_mastercard");
    await syncCustomer(customerId);
    const chosen = await cardsOf(customer, customerId);
    expect(chosen).toEqual(["4444", "4444", "4444"]);
    await world.travel(new Date(now().getTime() + 32 * 86_400_000).toISOString());
    await syncCustomer(customerId);
    expect(await cardsOf(customer, customerId)).toEqual(chosen);
    expect((await world.stripe.invoices.list({ customer: customerId })).data[0]).toMatchObject({
      billing_reason: "subscription_cycle",
      total: 1_900,
      status: "paid",
    });
  },
);

test("what was chosen at Stripe since then is not overwritten, however often the old choice is heard of", async () => {
  const customer = await addCustomer(world);
  const customerId = await subscribe(world, customer, "pro_month");
  await giveCard(customer, newCard);
  await syncCustomer(customerId);
  await changeCard(world.stripe, customerId, "pm_card_amex");
  const events = (await world.stripe.events.list({ limit: 100 })).data.length;
  for (const _ of [1, 2, 3]) await syncCustomer(customerId);
  expect(await cardsOf(customer, customerId)).toEqual(["0005", "0005", "0005"]);
  expect((await world.stripe.events.list({ limit: 100 })).data).toHaveLength(events);
});

test("a card that was given and taken away again before it was heard of is left alone", async () => {
  const customer = await addCustomer(world);
  const customerId = await subscribe(world, customer, "pro_month");
  await giveCard(customer, newCard);
  const { data } = await world.stripe.paymentMethods.list({ customer: customerId });
  const given = data.find(({ card }) => card?.last4 === "4444");
  await world.stripe.paymentMethods.detach(given?.id ?? "");
  await syncCustomer(customerId);
  await syncCustomer(customerId);
  expect((await cardsOf(customer, customerId))[2]).toBe("4242");
});

test("two clicks show one form, and after it was used another one", async () => {
  const customer = await addCustomer(world);
  await subscribe(world, customer, "pro_month");
  const [one, two] = await Promise.all([startCardChange(customer), startCardChange(customer)]);
  expect(one).toEqual(two);
  await giveCard(customer, newCard);
  expect(await startCardChange(customer)).not.toEqual(one);
});

test("a session for a card that somebody made at Stripe themselves changes nothing", async () => {
  const customer = await addCustomer(world);
  const customerId = await subscribe(world, customer, "pro_month");
  const session = await world.stripe.checkout.sessions.create({
    mode: "setup",
    currency: "usd",
    customer: customerId,
    success_url: "http://localhost:3000/billing",
  });
  await submitCard(session.url ?? "", newCard);
  await syncCustomer(customerId);
  expect((await cardsOf(customer, customerId))[2]).toBe("4242");
});

test("without a publishable key the card is changed in Stripe's portal, which leads back", async () => {
  const customer = await addCustomer(world);
  await subscribe(world, customer, "pro_month");
  configure("");
  const change = await startCardChange(customer);
  expect(change).toEqual({ kind: "portal", url: expect.stringContaining("/p/session/") });
});

test("a member who may not spend cannot change the card, and nobody can before a first payment", async () => {
  const customer = await addCustomer(world);
  await expect(startCardChange({ ...customer, memberRole: "member" })).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(startCardChange(customer)).rejects.toMatchObject({ code: "not_found" });
});
