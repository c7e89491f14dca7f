import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cancelAtPeriodEnd, resumeSubscription } from "#lib/billing/actions/cancel.ts";
import { changePlan } from "#lib/billing/actions/change-plan.ts";
import { finishCheckout } from "#lib/billing/actions/checkout.ts";
import { enableOverage } from "#lib/billing/actions/overage-settings.ts";
import { previewChange } from "#lib/billing/actions/preview-plan-change.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import { usd } from "#lib/core/money.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  payCheckout,
  readStripeCustomerId,
  startBillingTestEnv,
  subscribe,
  subscribeThroughCheckout,
} from "#tests/integration/billing/billing-test-env.ts";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(async () => {
  await testEnv.reset();
  await testEnv.travel("2027-01-10T10:00:00Z");
});
afterAll(() => testEnv.close());

type Email = { subject: string; text: string; html: string };

/** Lists the emails to a user, oldest first. */
async function listEmails({ userId }: Customer): Promise<Email[]> {
  return testEnv.sql<Email[]>`
    select subject, text, html from outgoing_mail m join users u on u.email = m.to_address
    where u.id = ${userId} order by m.created_at, m.id`;
}
const subjects = async (customer: Customer) => (await listEmails(customer)).map(({ subject }) => subject);

/** Syncs concurrently and once more, which must not send an email twice. */
async function syncRepeatedly(customer: string): Promise<void> {
  await Promise.all([syncCustomer(customer), syncCustomer(customer), syncCustomer(customer)]);
  await syncCustomer(customer);
}

async function travelAndSync(day: string, customer: string): Promise<void> {
  await testEnv.travel(day);
  await syncRepeatedly(customer);
}

/** Expects the last email to have the subject and to contain the facts, in plain text and in HTML. */
async function expectLastEmail(customer: Customer, subject: RegExp, facts: string[]): Promise<void> {
  const last = (await listEmails(customer)).at(-1);
  expect(last?.subject).toMatch(subject);
  for (const fact of facts) {
    expect(last?.text).toContain(fact);
    expect(last?.html).toContain(fact.replaceAll("'", "&#39;"));
  }
}

async function listScheduledSyncs(customer: string): Promise<string[]> {
  const rows = await testEnv.sql`
    select to_char(start_after at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI') as at from pgboss.job
    where name = 'billing.sync' and data->>'customerId' = ${customer} and start_after > ${now().toISOString()}`;
  return rows.map(({ at }) => String(at));
}

describe("emails of a trial (M11)", () => {
  test("a trial sends one email each when it starts, three days before it ends and when it is paid (M11)", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribeThroughCheckout(testEnv, ada, "pro_trial");
    await syncRepeatedly(customer);
    await expectLastEmail(ada, /Parley Pro trial has started/, ["$5.00", "$19.00", "January 24, 2027"]);
    // A sync is scheduled for the reminder, so it needs no event.
    expect(await listScheduledSyncs(customer)).toEqual(["2027-01-21T10:00"]);
    await travelAndSync("2027-01-20T12:00:00Z", customer);
    expect(await subjects(ada)).toHaveLength(1);
    await travelAndSync("2027-01-21T10:30:00Z", customer);
    await expectLastEmail(ada, /ends on January 24, 2027/, [
      "$19.00 on January 24, 2027",
      "$15.00",
      "You won’t be charged",
    ]);
    await travelAndSync("2027-01-24T12:00:00Z", customer);
    await expectLastEmail(ada, /Pro is active/, ["$19.00 per month", "February 24, 2027"]);
    expect(await subjects(ada)).toHaveLength(3);
  });

  test("a canceled trial sends no email that announces a charge", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribeThroughCheckout(testEnv, ada, "pro_trial");
    await cancelAtPeriodEnd(ada, now());
    await expectLastEmail(ada, /Pro is canceled/, ["until January 24, 2027", "You won’t be charged."]);
    await travelAndSync("2027-01-22T10:00:00Z", customer);
    expect(await subjects(ada)).toHaveLength(2);
    await travelAndSync("2027-01-24T12:00:00Z", customer);
    await expectLastEmail(ada, /Pro has ended/, []);
    expect(await subjects(ada)).toHaveLength(3);
  });

  test("a refused trial sends one email with the reason", async () => {
    await subscribeThroughCheckout(testEnv, await addCustomer(testEnv), "pro_trial");
    const bob = await addCustomer(testEnv);
    await finishCheckout(bob.workspaceId, await payCheckout(bob, "pro_trial"));
    await syncRepeatedly(await readStripeCustomerId(testEnv, bob));
    await expectLastEmail(bob, /trial couldn’t start/, [
      "Each card and each email",
      "you won’t be charged",
      "$19.00 per month",
    ]);
    expect(await subjects(bob)).toHaveLength(1);
  });

  test("a trial that is paid after failed attempts sends the welcome email on payment", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribeThroughCheckout(testEnv, ada, "pro_trial", "4000000000000341");
    // The trial has ended, and Stripe has not tried the payment yet.
    await travelAndSync("2027-01-24T10:30:00Z", customer);
    expect(await subjects(ada)).not.toContain("Parley Pro is active");
    await travelAndSync("2027-01-24T12:00:00Z", customer);
    await expectLastEmail(ada, /payment for Parley Pro failed/, ["$19.00"]);
    await changeCard(testEnv.stripe, customer, "pm_card_visa");
    await travelAndSync("2027-01-26T00:00:00Z", customer);
    await expectLastEmail(ada, /Pro is active/, ["$19.00 per month"]);
  });
});

describe("emails of a plan", () => {
  test("canceling a plan sends one email, also when undone and repeated, and another one when the plan has ended (M14)", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    for (let round = 0; round < 2; round++) {
      await cancelAtPeriodEnd(ada, now());
      await syncRepeatedly(customer);
      if (round === 0) await resumeSubscription(ada, now());
    }
    await expectLastEmail(ada, /Pro is canceled/, ["until February 10, 2027", "You won’t be charged again."]);
    expect(await subjects(ada)).toHaveLength(2);
    await travelAndSync("2027-02-10T12:00:00Z", customer);
    expect(await subjects(ada)).toEqual([
      "Parley Pro is active",
      "Parley Pro is canceled",
      "Parley Pro has ended",
    ]);
  });

  test("each failed payment sends an email with the current state, and the last one says why the plan ended (M13)", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await changeCard(testEnv.stripe, customer, "pm_card_chargeCustomerFail");
    await travelAndSync("2027-02-10T12:00:00Z", customer);
    await expectLastEmail(ada, /payment for Parley Pro failed/, ["You keep Pro until February 13, 2027"]);
    await travelAndSync("2027-02-18T12:00:00Z", customer);
    await expectLastEmail(ada, /payment for Parley Pro failed/, [
      "Your workspace is on Free until the payment goes through",
    ]);
    for (let day = 19; day <= 28; day++) await travelAndSync(`2027-02-${day}T12:00:00Z`, customer);
    await expectLastEmail(ada, /Pro has ended/, [
      "couldn’t collect your payment of $19.00",
      "on your billing page",
    ]);
  });

  test("the cancellation email mentions overage that is still billed (M16)", async () => {
    const ada = await addCustomer(testEnv);
    await subscribe(testEnv, ada, "pro_month");
    await enableOverage(ada, usd(20), now());
    await cancelAtPeriodEnd(ada, now());
    await expectLastEmail(ada, /Pro is canceled/, ["except for extra usage until then"]);
  });

  test("a payment that needs bank confirmation sends one email per attempt", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await changeCard(testEnv.stripe, customer, "pm_card_authenticationRequired");
    await travelAndSync("2027-02-10T12:00:00Z", customer);
    await expectLastEmail(ada, /Confirm your payment for Parley Pro/, [
      "$19.00",
      "until February 13, 2027",
      "http://localhost:3000/billing",
    ]);
    expect(await subjects(ada)).toHaveLength(2);
    await travelAndSync("2027-02-11T13:00:00Z", customer);
    expect(await subjects(ada)).toHaveLength(3);
  });

  test("a change that needs bank confirmation sends an email only when it was abandoned", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await changeCard(testEnv.stripe, customer, "pm_card_authenticationRequired");
    const preview = await previewChange(ada, "enterprise_month", now());
    if (preview === null) throw new Error("That plan runs already.");
    await changePlan(ada, { ...preview, lookupKey: "enterprise_month" }, now());
    await syncRepeatedly(customer);
    expect(await subjects(ada)).toHaveLength(1);
    expect(await listScheduledSyncs(customer)).toHaveLength(1);
    await travelAndSync("2027-01-10T10:30:00Z", customer);
    await expectLastEmail(ada, /Confirm your payment/, ["$80.00", "Your plan stays the same"]);
    expect(await subjects(ada)).toHaveLength(2);
  });

  test("an expiring card sends one email, and none after the plan was canceled", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const [card] = (await testEnv.stripe.paymentMethods.list({ customer })).data;
    await testEnv.stripe.paymentMethods.update(card?.id ?? "", { card: { exp_month: 3, exp_year: 2027 } });
    await syncRepeatedly(customer);
    expect(await subjects(ada)).toHaveLength(1);
    await travelAndSync("2027-02-11T10:00:00Z", customer);
    await expectLastEmail(ada, /card for Parley expires soon/, ["03/2027", "4242", "Visa"]);
    await travelAndSync("2027-03-11T10:00:00Z", customer);
    expect(await subjects(ada)).toHaveLength(2);
    const bob = await addCustomer(testEnv);
    const other = await subscribe(testEnv, bob, "pro_month");
    await cancelAtPeriodEnd(bob, now());
    const [bobsCard] = (await testEnv.stripe.paymentMethods.list({ customer: other })).data;
    await testEnv.stripe.paymentMethods.update(bobsCard?.id ?? "", {
      card: { exp_month: 3, exp_year: 2027 },
    });
    await syncRepeatedly(other);
    expect(await subjects(bob)).toEqual(["Parley Pro is active", "Parley Pro is canceled"]);
  });

  test("M18: each refund sends one email with the refunded amount and the clawed-back credit", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
    await testEnv.stripe.refunds.create({ charge: charge?.id ?? "", amount: 950 });
    await syncRepeatedly(customer);
    await expectLastEmail(ada, /Your refund from Parley/, ["$19.00", "$9.50", "$7.50"]);
    await testEnv.stripe.refunds.create({ charge: charge?.id ?? "" });
    await syncRepeatedly(customer);
    await expectLastEmail(ada, /Your refund from Parley/, ["was refunded", "$15.00"]);
    expect(await subjects(ada)).toHaveLength(3);
  });

  test("changes that are first synced after a week send no emails", async () => {
    const ada = await addCustomer(testEnv);
    await payCheckout(ada, "pro_month");
    const customer = await readStripeCustomerId(testEnv, ada);
    const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
    await testEnv.stripe.refunds.create({ charge: charge?.id ?? "", amount: 100 });
    await travelAndSync("2027-01-17T11:00:00Z", customer);
    expect(await subjects(ada)).toEqual([]);
  });
});
