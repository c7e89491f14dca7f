import { expect } from "vitest";
import {
  begin,
  createPrices,
  day,
  giveCard,
  invoicesOf,
  itemOf,
  latestInvoice,
  type ScenarioWorld,
  type Subscriber,
  scenario,
  seconds,
} from "#tests/integration/sandbox-stripe/scenarios/scenario-world.ts";

const start = "2031-01-01T00:00:00Z";
const nextMonth = seconds("2031-02-01T00:00:00Z");

async function subscribed(world: ScenarioWorld, price: "month" | "big") {
  const subscriber: Subscriber = await begin(world, start);
  const prices = await createPrices(world);
  const { customer } = subscriber;
  const subscription = await world.stripe.subscriptions.create({
    customer,
    items: [{ price: prices[price] }],
  });
  return { ...subscriber, prices, id: subscription.id, item: itemOf(subscription).id };
}

scenario("an upgrade costs what its preview said, to the second", async (world) => {
  const { stripe } = world;
  const { clock, id, item, prices } = await subscribed(world, "month");
  const at = seconds("2031-01-11T07:30:01Z");
  await world.advance(clock, at);
  const change = {
    items: [{ id: item, price: prices.big }],
    proration_behavior: "always_invoice" as const,
    proration_date: at,
  };
  const preview = await stripe.invoices.createPreview({ subscription: id, subscription_details: change });
  const updated = await stripe.subscriptions.update(id, change);
  const left = (nextMonth - at) / (nextMonth - seconds(start));
  expect(preview.lines.data.map(({ amount }) => amount)).toEqual([
    -Math.round(1900 * left),
    Math.round(9900 * left),
  ]);
  const invoice = await latestInvoice(world, id);
  expect(invoice).toMatchObject({
    status: "paid",
    billing_reason: "subscription_update",
    total: preview.total,
    amount_paid: preview.amount_due,
  });
  expect(itemOf(updated)).toMatchObject({
    id: item,
    price: { id: prices.big },
    current_period_end: nextMonth,
  });
});

scenario(
  "a downgrade by a schedule takes effect with the next period, and credits nothing",
  async (world) => {
    const { stripe } = world;
    const { clock, id, prices } = await subscribed(world, "big");
    const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id });
    const [phase] = schedule.phases;
    if (!phase) throw new Error("a schedule has a phase");
    await stripe.subscriptionSchedules.update(schedule.id, {
      end_behavior: "release",
      phases: [
        {
          items: [{ price: prices.big, quantity: 1 }],
          start_date: phase.start_date,
          end_date: phase.end_date,
        },
        { items: [{ price: prices.month, quantity: 1 }], duration: { interval: "month", interval_count: 1 } },
      ],
    });
    await world.advance(clock, nextMonth - day);
    expect(itemOf(await stripe.subscriptions.retrieve(id)).price.id).toBe(prices.big);
    await world.advance(clock, nextMonth + 7200);
    const downgraded = await stripe.subscriptions.retrieve(id);
    expect(itemOf(downgraded)).toMatchObject({
      price: { id: prices.month },
      current_period_start: nextMonth,
    });
    expect(downgraded.schedule).toBe(schedule.id);
    expect((await invoicesOf(world, id)).map(({ total }) => total)).toEqual([9900, 1900]);
    await world.advance(clock, seconds("2031-03-02T00:00:00Z"));
    expect(await stripe.subscriptionSchedules.retrieve(schedule.id)).toMatchObject({
      status: "completed",
      completed_at: seconds("2031-03-01T00:00:00Z"),
    });
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: "active", schedule: null });
  },
);

scenario(
  "a change to yearly begins a new period now, with credit for the rest of the month",
  async (world) => {
    const { stripe } = world;
    const { clock, id, item, prices } = await subscribed(world, "month");
    const at = seconds("2031-01-16T12:00:00Z");
    await world.advance(clock, at);
    const yearly = await stripe.subscriptions.update(id, { items: [{ id: item, price: prices.year }] });
    expect(yearly.billing_cycle_anchor).toBe(at);
    expect(itemOf(yearly)).toMatchObject({
      current_period_start: at,
      current_period_end: seconds("2032-01-16T12:00:00Z"),
    });
    const invoice = await latestInvoice(world, id);
    expect(invoice.lines.data.map(({ amount }) => amount).toSorted((a, b) => a - b)).toEqual([-950, 19_000]);
    expect(invoice).toMatchObject({ status: "paid", amount_paid: 18_050 });
  },
);

scenario("a cancellation that is taken back renews as if it had never been", async (world) => {
  const { stripe } = world;
  const { clock, id } = await subscribed(world, "month");
  const ending = await stripe.subscriptions.update(id, { cancel_at_period_end: true });
  expect(ending).toMatchObject({ status: "active", cancel_at: nextMonth });
  await world.advance(clock, nextMonth - day);
  const resumed = await stripe.subscriptions.update(id, { cancel_at_period_end: false });
  expect(resumed).toMatchObject({ cancel_at: null, canceled_at: null, cancel_at_period_end: false });
  await world.advance(clock, nextMonth + 7200);
  expect((await stripe.subscriptions.retrieve(id)).status).toBe("active");
  expect((await invoicesOf(world, id)).map(({ status }) => status)).toEqual(["paid", "paid"]);
});

scenario("an upgrade that waits for its payment leaves the plan as it is until it is paid", async (world) => {
  const { stripe } = world;
  const { customer, id, item, prices } = await subscribed(world, "month");
  await giveCard(world, customer, "pm_card_chargeCustomerFail");
  const waiting = await stripe.subscriptions.update(id, {
    items: [{ id: item, price: prices.big }],
    proration_behavior: "always_invoice",
    payment_behavior: "pending_if_incomplete",
  });
  expect(waiting).toMatchObject({ status: "active", pending_update: { expires_at: expect.any(Number) } });
  expect(itemOf(waiting).price.id).toBe(prices.month);
  const card = await giveCard(world, customer, "pm_card_visa");
  await stripe.invoices.pay(String(waiting.latest_invoice), { payment_method: card });
  const upgraded = await stripe.subscriptions.retrieve(id);
  expect(upgraded.pending_update).toBeNull();
  expect(itemOf(upgraded).price.id).toBe(prices.big);
});

scenario("an upgrade that is not paid in 23 hours is forgotten, and its invoice voided", async (world) => {
  const { stripe } = world;
  const { clock, customer, id, item, prices } = await subscribed(world, "month");
  await giveCard(world, customer, "pm_card_chargeCustomerFail");
  const waiting = await stripe.subscriptions.update(id, {
    items: [{ id: item, price: prices.big }],
    proration_behavior: "always_invoice",
    payment_behavior: "pending_if_incomplete",
  });
  expect(waiting.pending_update?.expires_at).toBe(seconds(start) + 23 * 3600);
  await world.advance(clock, seconds(start) + day);
  const after = await stripe.subscriptions.retrieve(id);
  expect([after.pending_update, itemOf(after).price.id]).toEqual([null, prices.month]);
  expect((await stripe.invoices.retrieve(String(waiting.latest_invoice))).status).toBe("void");
});
