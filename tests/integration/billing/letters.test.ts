import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cancelAtPeriodEnd, resumeSubscription } from "#lib/billing/cancel.ts";
import { changePlan, previewChange } from "#lib/billing/change-plan.ts";
import { finishCheckout } from "#lib/billing/checkout.ts";
import { enableOverage } from "#lib/billing/actions/overage-settings.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import { usd } from "#lib/core/money.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  pay,
  stripeCustomerOf,
  subscribe,
} from "#tests/integration/billing/billing-world.ts";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let world: BillingWorld;
beforeEach(async () => {
  world = await createBillingWorld();
  await world.travel("2027-01-10T10:00:00Z");
});
afterEach(() => world.close());

type Mail = { subject: string; text: string; html: string };

/** The letters to somebody, oldest first. */
async function lettersTo({ userId }: Customer): Promise<Mail[]> {
  return world.sql<Mail[]>`
    select subject, text, html from outgoing_mail m join users u on u.email = m.to_address
    where u.id = ${userId} order by m.created_at, m.id`;
}
const subjects = async (customer: Customer) => (await lettersTo(customer)).map(({ subject }) => subject);

/** Heard of at once from all sides, and again: what was written is written. */
async function hearAgain(customer: string): Promise<void> {
  await Promise.all([syncCustomer(customer), syncCustomer(customer), syncCustomer(customer)]);
  await syncCustomer(customer);
}

async function visit(day: string, customer: string): Promise<void> {
  await world.travel(day);
  await hearAgain(customer);
}

/** The last letter, which says all of these, plain and in HTML. */
async function expectLast(customer: Customer, subject: RegExp, facts: string[]): Promise<void> {
  const last = (await lettersTo(customer)).at(-1);
  expect(last?.subject).toMatch(subject);
  for (const fact of facts) {
    expect(last?.text).toContain(fact);
    expect(last?.html).toContain(fact.replaceAll("'", "&#39;"));
  }
}

async function plannedSyncs(customer: string): Promise<string[]> {
  const rows = await world.sql`
    select to_char(start_after at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI') as at from pgboss.job
    where name = 'billing.sync' and data->>'customerId' = ${customer} and start_after > ${now().toISOString()}`;
  return rows.map(({ at }) => String(at));
}

describe("the letters of a trial (M11), each once whatever is heard how often", () => {
  test("it began, it ends in three days, it is a plan now", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_trial");
    await hearAgain(customer);
    await expectLast(ada, /trial of Parley Pro has begun/, ["$5.00", "$19.00", "24 January 2027"]);
    // Planned for the moment, so that no event is needed.
    expect(await plannedSyncs(customer)).toEqual(["2027-01-21T10:00"]);
    await visit("2027-01-20T12:00:00Z", customer);
    expect(await subjects(ada)).toHaveLength(1);
    await visit("2027-01-21T10:30:00Z", customer);
    await expectLast(ada, /ends on 24 January 2027/, [
      "$19.00 on 24 January 2027",
      "$15.00",
      "nothing is charged",
    ]);
    await visit("2027-01-24T12:00:00Z", customer);
    await expectLast(ada, /Pro is active/, ["$19.00 a month", "24 February 2027"]);
    expect(await subjects(ada)).toHaveLength(3);
  });

  test("canceled, it is not said to end with a charge", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_trial");
    await cancelAtPeriodEnd(ada, now());
    await expectLast(ada, /Pro is canceled/, ["until 24 January 2027", "Nothing is charged."]);
    await visit("2027-01-22T10:00:00Z", customer);
    expect(await subjects(ada)).toHaveLength(2);
    await visit("2027-01-24T12:00:00Z", customer);
    await expectLast(ada, /Pro has ended/, []);
    expect(await subjects(ada)).toHaveLength(3);
  });

  test("refused, it is said why, and nothing else", async () => {
    await subscribe(world, await addCustomer(world), "pro_trial");
    const grace = await addCustomer(world);
    await finishCheckout(grace.workspaceId, await pay(grace, "pro_trial"));
    await hearAgain(await stripeCustomerOf(world, grace));
    await expectLast(grace, /could not begin/, [
      "Each card and each address",
      "nothing was charged",
      "$19.00 a month",
    ]);
    expect(await subjects(grace)).toHaveLength(1);
  });

  test("that was paid only after some attempts is welcomed when it is paid", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_trial", "4000000000000341");
    // The trial has ended, and nothing was tried yet.
    await visit("2027-01-24T10:30:00Z", customer);
    expect(await subjects(ada)).not.toContain("Parley Pro is active");
    await visit("2027-01-24T12:00:00Z", customer);
    await expectLast(ada, /payment for Parley Pro failed/, ["$19.00"]);
    await changeCard(world.stripe, customer, "pm_card_visa");
    await visit("2027-01-26T00:00:00Z", customer);
    await expectLast(ada, /Pro is active/, ["$19.00 a month"]);
  });
});

describe("the letters of a plan, each once whatever is heard how often", () => {
  test("canceled: until when it is kept; taken back and canceled again is no news; then that it has ended (M14)", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    for (let round = 0; round < 2; round++) {
      await cancelAtPeriodEnd(ada, now());
      await hearAgain(customer);
      if (round === 0) await resumeSubscription(ada, now());
    }
    await expectLast(ada, /Pro is canceled/, ["until 10 February 2027", "Nothing more is charged."]);
    expect(await subjects(ada)).toHaveLength(2);
    await visit("2027-02-10T12:00:00Z", customer);
    expect(await subjects(ada)).toEqual([
      "Parley Pro is active",
      "Parley Pro is canceled",
      "Parley Pro has ended",
    ]);
  });

  test("a payment that fails for good: each letter says how things stand that day, and the last one why it ended (M13)", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await changeCard(world.stripe, customer, "pm_card_chargeCustomerFail");
    await visit("2027-02-10T12:00:00Z", customer);
    await expectLast(ada, /payment for Parley Pro failed/, ["You keep Pro until 13 February 2027"]);
    await visit("2027-02-18T12:00:00Z", customer);
    await expectLast(ada, /payment for Parley Pro failed/, [
      "Your workspace is on Free until the payment succeeds",
    ]);
    for (let day = 19; day <= 28; day++) await visit(`2027-02-${day}T12:00:00Z`, customer);
    await expectLast(ada, /Pro has ended/, [
      "payment of $19.00 could not be collected",
      "on your billing page",
    ]);
  });

  test("canceled while use beyond credit is billed, it is said that this still is (M16)", async () => {
    const ada = await addCustomer(world);
    await subscribe(world, ada, "pro_month");
    await enableOverage(ada, usd(20), now());
    await cancelAtPeriodEnd(ada, now());
    await expectLast(ada, /Pro is canceled/, ["except what you use beyond your credit"]);
  });

  test("a payment that the bank wants confirmed is written about as that, once an attempt", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await changeCard(world.stripe, customer, "pm_card_authenticationRequired");
    await visit("2027-02-10T12:00:00Z", customer);
    await expectLast(ada, /Confirm your payment for Parley Pro/, [
      "$19.00",
      "until 13 February 2027",
      "http://localhost:3000/billing",
    ]);
    expect(await subjects(ada)).toHaveLength(2);
    await visit("2027-02-11T13:00:00Z", customer);
    expect(await subjects(ada)).toHaveLength(3);
  });

  test("a change that the bank wants confirmed is written about only where it was left", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await changeCard(world.stripe, customer, "pm_card_authenticationRequired");
    const preview = await previewChange(ada, "enterprise_month", now());
    if (preview === null) throw new Error("That plan runs already.");
    await changePlan(ada, { ...preview, lookupKey: "enterprise_month" }, now());
    await hearAgain(customer);
    expect(await subjects(ada)).toHaveLength(1);
    expect(await plannedSyncs(customer)).toHaveLength(1);
    await visit("2027-01-10T10:30:00Z", customer);
    await expectLast(ada, /Confirm your payment/, ["$80.00", "Your plan stays as it is"]);
    expect(await subjects(ada)).toHaveLength(2);
  });

  test("a card that ends this month or next is written about, once a card, and not where nothing is charged any more", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const [card] = (await world.stripe.paymentMethods.list({ customer })).data;
    await world.stripe.paymentMethods.update(card?.id ?? "", { card: { exp_month: 3, exp_year: 2027 } });
    await hearAgain(customer);
    expect(await subjects(ada)).toHaveLength(1);
    await visit("2027-02-11T10:00:00Z", customer);
    await expectLast(ada, /card for Parley expires soon/, ["03/2027", "4242", "Visa"]);
    await visit("2027-03-11T10:00:00Z", customer);
    expect(await subjects(ada)).toHaveLength(2);
    const grace = await addCustomer(world);
    const other = await subscribe(world, grace, "pro_month");
    await cancelAtPeriodEnd(grace, now());
    const [hers] = (await world.stripe.paymentMethods.list({ customer: other })).data;
    await world.stripe.paymentMethods.update(hers?.id ?? "", { card: { exp_month: 3, exp_year: 2027 } });
    await hearAgain(other);
    expect(await subjects(grace)).toEqual(["Parley Pro is active", "Parley Pro is canceled"]);
  });

  test("M18: each sum that went back is written about once, with what was taken back of the credit", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const [charge] = (await world.stripe.charges.list({ customer })).data;
    await world.stripe.refunds.create({ charge: charge?.id ?? "", amount: 950 });
    await hearAgain(customer);
    await expectLast(ada, /Your refund from Parley/, ["$19.00", "$9.50", "$7.50"]);
    await world.stripe.refunds.create({ charge: charge?.id ?? "" });
    await hearAgain(customer);
    await expectLast(ada, /Your refund from Parley/, ["was refunded", "$15.00"]);
    expect(await subjects(ada)).toHaveLength(3);
  });

  test("what is old is no news: who is heard of for the first time after a week gets no letters about it", async () => {
    const ada = await addCustomer(world);
    await pay(ada, "pro_month");
    const customer = await stripeCustomerOf(world, ada);
    const [charge] = (await world.stripe.charges.list({ customer })).data;
    await world.stripe.refunds.create({ charge: charge?.id ?? "", amount: 100 });
    await visit("2027-01-17T11:00:00Z", customer);
    expect(await subjects(ada)).toEqual([]);
  });
});
