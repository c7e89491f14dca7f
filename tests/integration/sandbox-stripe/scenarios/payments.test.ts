import { expect } from "vitest";
import { failureOf } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import {
  begin,
  createPrices,
  latestInvoice,
  paymentOf,
  scenario,
} from "#tests/integration/sandbox-stripe/scenarios/scenario-world.ts";

const start = "2031-01-10T09:00:00Z";

scenario("a first payment makes a subscription active and its invoice paid", async (world) => {
  const { customer } = await begin(world, start);
  const prices = await createPrices(world);
  const subscription = await world.stripe.subscriptions.create({
    customer,
    items: [{ price: prices.month }],
  });
  expect(subscription.status).toBe("active");
  const invoice = await latestInvoice(world, subscription.id);
  expect(invoice).toMatchObject({
    status: "paid",
    total: 1900,
    amount_paid: 1900,
    billing_reason: "subscription_create",
  });
  expect(paymentOf(invoice)).toMatchObject({ status: "succeeded", amount_received: 1900 });
});

scenario(
  "a declined first payment leaves a subscription incomplete, or no subscription with error_if_incomplete",
  async (world) => {
    const { stripe } = world;
    const { customer } = await begin(world, start, "pm_card_chargeCustomerFail");
    const items = [{ price: (await createPrices(world)).month }];
    const refused = stripe.subscriptions.create({ customer, items, payment_behavior: "error_if_incomplete" });
    expect((await failureOf(refused)).code).toBe("card_declined");
    expect((await stripe.subscriptions.list({ customer, status: "all" })).data).toEqual([]);
    const subscription = await stripe.subscriptions.create({ customer, items });
    expect(subscription.status).toBe("incomplete");
    const invoice = await latestInvoice(world, subscription.id);
    expect(invoice).toMatchObject({ status: "open", attempt_count: 1, amount_remaining: 1900 });
    expect(paymentOf(invoice)).toMatchObject({
      status: "requires_payment_method",
      last_payment_error: { code: "card_declined" },
    });
  },
);

scenario(
  "a card that asks for 3-D Secure waits for the bank, then makes the subscription active",
  async (world) => {
    const { stripe } = world;
    const { customer } = await begin(world, start, "pm_card_authenticationRequired");
    const subscription = await stripe.subscriptions.create({
      customer,
      items: [{ price: (await createPrices(world)).month }],
      payment_behavior: "allow_incomplete",
    });
    expect(subscription.status).toBe("incomplete");
    const intent = paymentOf(await latestInvoice(world, subscription.id));
    expect(intent.status).toBe("requires_action");
    if (world.authenticate === null) return;
    // With a return URL, 3-D Secure is a page.
    const challenged = await stripe.paymentIntents.confirm(intent.id, {
      return_url: "https://shop.example/done",
    });
    await world.authenticate(challenged);
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("active");
  },
);

scenario("a refund gives back the whole or a part, and no more than was paid", async (world) => {
  const { stripe } = world;
  const { customer } = await begin(world, start);
  const subscription = await stripe.subscriptions.create({
    customer,
    items: [{ price: (await createPrices(world)).month }],
  });
  const intent = paymentOf(await latestInvoice(world, subscription.id)).id;
  const part = await stripe.refunds.create({ payment_intent: intent, amount: 700 });
  expect(part).toMatchObject({ status: "succeeded", amount: 700 });
  await stripe.refunds.create({ payment_intent: intent });
  const { latest_charge: charge } = await stripe.paymentIntents.retrieve(intent, {
    expand: ["latest_charge"],
  });
  expect(charge).toMatchObject({ refunded: true, amount_refunded: 1900 });
  expect((await failureOf(stripe.refunds.create({ payment_intent: intent }))).code).toBe(
    "charge_already_refunded",
  );
});

for (const [ending, evidence] of [
  ["won", "winning_evidence"],
  ["lost", "losing_evidence"],
] as const) {
  scenario(`a dispute is ${ending} by the evidence that is given`, async (world) => {
    const { stripe } = world;
    const customer = await stripe.customers.create({ payment_method: "pm_card_createDispute" });
    const [method] = (await stripe.customers.listPaymentMethods(customer.id)).data;
    const intent = await stripe.paymentIntents.create({
      amount: 1900,
      currency: "usd",
      customer: customer.id,
      payment_method: method?.id ?? "",
      confirm: true,
      automatic_payment_methods: { enabled: true, allow_redirects: "never" },
    });
    const dispute = await until(
      async () => (await stripe.disputes.list({ payment_intent: intent.id })).data[0],
    );
    expect(dispute).toMatchObject({ amount: 1900, status: "needs_response", reason: "fraudulent" });
    await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: evidence }, submit: true });
    const closed = await until(async () => {
      const present = await stripe.disputes.retrieve(dispute.id);
      return present.status === ending ? present : undefined;
    });
    expect(closed.status).toBe(ending);
  });
}

/** Stripe performs some actions shortly after its response. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let turn = 0; turn < 60; turn += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("it did not come about in half a minute");
}
