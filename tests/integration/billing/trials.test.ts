import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readBilling } from "#lib/billing/reports/billing-overview.ts";
import { cancelAtPeriodEnd } from "#lib/billing/cancel.ts";
import { finishCheckout, startCheckout } from "#lib/billing/checkout.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { readTrialStanding } from "#lib/billing/trial-standing.ts";
import { now } from "#lib/core/clock.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  grantsOf,
  pay,
  stripeCustomerOf,
  subscribe,
  subscriptionStateOf,
} from "#tests/integration/billing/billing-world.ts";

let world: BillingWorld;
beforeEach(async () => {
  world = await createBillingWorld();
  await world.travel("2027-01-10T10:00:00Z");
});
afterEach(() => world.close());

const otherCard = "5555555555554444";
const failsLater = "4000000000000341";
const entitled = async (customer: Customer) =>
  entitlementsOf(await subscriptionStateOf(world, customer), now());
const overview = (customer: Customer) =>
  readBilling(world.db, { workspaceId: customer.workspaceId, workspaceCreatedAt: now() }, now());
const chargesOf = async (customer: string) => (await world.stripe.charges.list({ customer })).data;
const subscriptionsOf = async (customer: string) =>
  (await world.stripe.subscriptions.list({ customer, status: "all" })).data;
const trialOf = (customer: Customer) => world.sql`
  select subscription_id, card_fingerprint from trials where workspace_id = ${customer.workspaceId}`;
const refused = expect.objectContaining({ code: "trial_used" });

describe("M11: the trial", () => {
  test("gives 5 USD for 14 days, and the first paid month grants in full", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_trial");
    expect(await entitled(ada)).toMatchObject({ plan: "pro", source: "trial" });
    const [trial] = await grantsOf(world, ada);
    expect(trial).toMatchObject({ kind: "trial", amountMicros: 5_000_000 });
    expect((trial?.expiresAt.getTime() ?? 0) - (trial?.startsAt.getTime() ?? 0)).toBe(14 * 86_400_000);
    await world.travel("2027-01-24T12:00:00Z");
    await syncCustomer(customer);
    expect(await entitled(ada)).toMatchObject({ plan: "pro", source: "subscription" });
    expect(await grantsOf(world, ada)).toMatchObject([
      { kind: "trial" },
      { kind: "allowance", amountMicros: 15_000_000, startsAt: trial?.expiresAt },
    ]);
    expect(await chargesOf(customer)).toMatchObject([{ amount: 1_900, paid: true }]);
  });

  test("a first payment that is declined leaves three days of grace and its credit, as a renewal does (M13)", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_trial", failsLater);
    await world.travel("2027-01-24T12:00:00Z");
    await syncCustomer(customer);
    expect(await entitled(ada)).toMatchObject({ plan: "pro", source: "grace" });
    expect(await grantsOf(world, ada)).toMatchObject([
      { kind: "trial" },
      { kind: "grace", amountMicros: 1_500_000 },
    ]);
    await world.travel("2027-01-27T12:00:00Z");
    expect((await entitled(ada)).plan).toBe("free");
  });

  test("ends as it began where there is no card any more at its end, and nothing is owed", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_trial");
    for (const { id } of (await world.stripe.paymentMethods.list({ customer })).data)
      await world.stripe.paymentMethods.detach(id);
    await world.travel("2027-01-24T12:00:00Z");
    await syncCustomer(customer);
    expect((await entitled(ada)).plan).toBe("free");
    expect(await subscriptionsOf(customer)).toMatchObject([{ status: "canceled" }]);
    expect((await world.stripe.invoices.list({ customer, status: "open" })).data).toEqual([]);
  });

  test("canceled, it runs to its end, and is never charged", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_trial");
    await cancelAtPeriodEnd(ada, now());
    const canceled = await overview(ada);
    expect(canceled).toMatchObject({ nextPayment: null, entitlements: { source: "trial" } });
    expect(canceled.subscription?.endsAt?.toISOString()).toMatch(/^2027-01-24T10:0/);
    await world.travel("2027-02-01T00:00:00Z");
    await syncCustomer(customer);
    expect((await entitled(ada)).plan).toBe("free");
    expect(await chargesOf(customer)).toEqual([]);
  });

  test("of somebody else's making, at Stripe's dashboard, is left alone, and is in nobody's way", async () => {
    const ada = await addCustomer(world);
    const grace = await addCustomer(world);
    await subscribe(world, ada, "pro_trial");
    await startCheckout(grace, "pro_month", now());
    const customer = await stripeCustomerOf(world, grace);
    const [price] = (await world.stripe.prices.list({ lookup_keys: ["pro_month"] })).data;
    const method = await world.stripe.paymentMethods.attach("pm_card_visa", { customer });
    for (let round = 0; round < 2; round++) {
      const made = await world.stripe.subscriptions.create({
        customer,
        items: [{ price: price?.id ?? "" }],
        trial_period_days: 14,
        default_payment_method: method.id,
      });
      await syncCustomer(customer);
      expect(await entitled(grace)).toMatchObject({ plan: "pro", source: "trial" });
      expect(await trialOf(grace)).toEqual([]);
      await world.stripe.subscriptions.cancel(made.id);
      await syncCustomer(customer);
    }
  });
});

describe("wound: trial taken again and again", () => {
  test("the same workspace is refused before anything is opened, and may buy", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_trial");
    const [trial] = await subscriptionsOf(customer);
    await world.stripe.subscriptions.cancel(trial?.id ?? "");
    // Before we have heard of anything, Stripe's own list of subscriptions is enough.
    await expect(startCheckout(ada, "pro_trial", now())).rejects.toEqual(refused);
    await syncCustomer(customer);
    await expect(startCheckout(ada, "pro_trial", now())).rejects.toEqual(refused);
    expect(await readTrialStanding(world.db, ada.workspaceId)).toEqual({ kind: "closed" });
    await subscribe(world, ada, "pro_month");
    expect(await entitled(ada)).toMatchObject({ plan: "pro", source: "subscription" });
  });

  test("the same person is refused under another form of the address", async () => {
    await subscribe(world, await addCustomer(world, "ada.lovelace@gmail.com"), "pro_trial");
    const again = await addCustomer(world, "adalovelace+two@googlemail.com");
    await expect(startCheckout(again, "pro_trial", now())).rejects.toEqual(refused);
    expect(await readTrialStanding(world.db, again.workspaceId)).toEqual({ kind: "closed" });
    const other = await addCustomer(world, "ada.lovelace@parley.example");
    await subscribe(world, other, "pro_trial", otherCard);
    expect((await entitled(other)).source).toBe("trial");
  });

  test("the same card is refused once Stripe has told which it is: ended at once, uncharged, without credit", async () => {
    await subscribe(world, await addCustomer(world), "pro_trial");
    const grace = await addCustomer(world);
    const sessionId = await pay(grace, "pro_trial");
    expect(await finishCheckout(grace.workspaceId, sessionId)).toMatchObject({ trial: "refused" });
    const customer = await stripeCustomerOf(world, grace);
    // Heard of again, and at the day on which it would have been paid: nothing comes back.
    for (const day of ["2027-01-11T00:00:00Z", "2027-01-25T00:00:00Z"]) {
      await syncCustomer(customer);
      expect(await subscriptionsOf(customer)).toMatchObject([{ status: "canceled" }]);
      expect(await chargesOf(customer)).toEqual([]);
      expect(await grantsOf(world, grace)).toEqual([]);
      expect((await entitled(grace)).plan).toBe("free");
      await world.travel(day);
    }
    expect((await readTrialStanding(world.db, grace.workspaceId)).kind).toBe("refused");
    await expect(startCheckout(grace, "pro_trial", now())).rejects.toEqual(refused);
    await subscribe(world, grace, "pro_month");
    expect((await entitled(grace)).source).toBe("subscription");
  });

  test("of two with one card at the same instant in two workspaces exactly one stays", async () => {
    const people = await Promise.all([addCustomer(world), addCustomer(world)]);
    const sessions: string[] = [];
    for (const person of people) sessions.push(await pay(person, "pro_trial"));
    const outcomes = await Promise.all(
      people.map(({ workspaceId }, index) => finishCheckout(workspaceId, sessions[index] ?? "")),
    );
    expect(outcomes.map(({ trial }) => trial).sort()).toEqual(["begun", "refused"]);
    const states = await Promise.all(people.map(entitled));
    expect(states.map(({ source }) => source).sort()).toEqual(["free", "trial"]);
    for (const person of people) await syncCustomer(await stripeCustomerOf(world, person));
    expect(await Promise.all(people.map(entitled))).toEqual(states);
  });

  test("a trial that was over before we heard of it counts as taken", async () => {
    const ada = await addCustomer(world);
    await pay(ada, "pro_trial");
    const customer = await stripeCustomerOf(world, ada);
    const [trial] = await subscriptionsOf(customer);
    await world.stripe.subscriptions.cancel(trial?.id ?? "");
    await syncCustomer(customer);
    expect(await trialOf(ada)).toMatchObject([{ card_fingerprint: expect.any(String) }]);
    const grace = await addCustomer(world);
    expect(await finishCheckout(grace.workspaceId, await pay(grace, "pro_trial"))).toMatchObject({
      trial: "refused",
    });
  });

  test("who has paid is never cut off for how it began", async () => {
    const [late, early] = [await addCustomer(world), await addCustomer(world)];
    // Nothing is heard of the first until it is paid for; meanwhile somebody else's trial holds the card.
    await pay(late, "pro_trial");
    await subscribe(world, early, "pro_trial");
    await world.travel("2027-01-25T00:00:00Z");
    await syncCustomer(await stripeCustomerOf(world, late));
    expect(await entitled(late)).toMatchObject({ plan: "pro", source: "subscription" });
    expect(await grantsOf(world, late)).toMatchObject([{ amountMicros: 15_000_000 }]);
  });
});

describe('wound: "pay 0" shown, then charged', () => {
  test("the page says what is paid and when, and nothing is charged before that day", async () => {
    const ada = await addCustomer(world);
    const { url } = await startCheckout(ada, "pro_trial", now());
    const page = await (await fetch(url)).text();
    expect(page).toContain("14 days free, then $19.00 a month");
    expect(page).toMatch(/Due today<\/dt><dd[^>]*>\$0\.00/);
    const customer = await subscribe(world, ada, "pro_trial");
    expect((await overview(ada)).nextPayment).toMatchObject({ micros: 19_000_000 });
    const day = (await overview(ada)).nextPayment?.at.getTime() ?? 0;
    expect(new Date(day).toISOString()).toMatch(/^2027-01-24T10:0/);
    await world.travel(new Date(day - 60_000).toISOString());
    await syncCustomer(customer);
    expect(await chargesOf(customer)).toEqual([]);
    await world.travel(new Date(day + 2 * 3_600_000).toISOString());
    expect(await chargesOf(customer)).toMatchObject([{ amount: 1_900 }]);
  });

  test("a trial without a card cannot be had", async () => {
    const ada = await addCustomer(world);
    const { url } = await startCheckout(ada, "pro_trial", now());
    const answer = await fetch(url, { method: "POST", redirect: "manual", body: new URLSearchParams() });
    expect(answer.status).not.toBe(303);
    const customer = await stripeCustomerOf(world, ada);
    expect(await subscriptionsOf(customer)).toEqual([]);
  });
});
