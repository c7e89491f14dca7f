import { expect } from "vitest";
import {
  begin,
  createPrices,
  day,
  invoicesOf,
  itemOf,
  scenario,
  seconds,
} from "#tests/integration/sandbox-stripe/scenarios/scenario-world.ts";

const start = "2031-01-10T09:00:00Z";
const hour = 3600;

scenario("a trial ends in the first payment, counted from its end", async (world) => {
  const { stripe } = world;
  const { clock, customer } = await begin(world, start);
  const { month } = await createPrices(world);
  const trial = await stripe.subscriptions.create({
    customer,
    items: [{ price: month }],
    trial_period_days: 14,
  });
  const end = seconds(start) + 14 * day;
  expect(trial).toMatchObject({ status: "trialing", trial_end: end, billing_cycle_anchor: end });
  await world.advance(clock, end + 2 * hour);
  const paying = await stripe.subscriptions.retrieve(trial.id);
  expect(paying.status).toBe("active");
  expect(itemOf(paying)).toMatchObject({
    current_period_start: end,
    current_period_end: seconds("2031-02-24T09:00:00Z"),
  });
  expect((await invoicesOf(world, trial.id)).map(({ total, status }) => [total, status])).toEqual([
    [0, "paid"],
    [1900, "paid"],
  ]);
});

scenario("a trial that is canceled costs nothing", async (world) => {
  const { stripe } = world;
  const { clock, customer } = await begin(world, start);
  const { month } = await createPrices(world);
  const trial = await stripe.subscriptions.create({
    customer,
    items: [{ price: month }],
    trial_period_days: 14,
  });
  const ending = await stripe.subscriptions.update(trial.id, { cancel_at_period_end: true });
  expect(ending).toMatchObject({
    status: "trialing",
    cancel_at_period_end: true,
    cancel_at: trial.trial_end,
  });
  await world.advance(clock, seconds(start) + 15 * day);
  expect(await stripe.subscriptions.retrieve(trial.id)).toMatchObject({
    status: "canceled",
    ended_at: seconds(start) + 14 * day,
  });
  expect((await invoicesOf(world, trial.id)).map(({ total }) => total)).toEqual([0]);
});

scenario(
  "a trial without a card is paused at its end, and goes on from the day it is resumed",
  async (world) => {
    const { stripe } = world;
    const { month } = await createPrices(world);
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: seconds(start) });
    const customer = (await stripe.customers.create({ test_clock: clock.id })).id;
    const trial = await stripe.subscriptions.create({
      customer,
      items: [{ price: month }],
      trial_period_days: 7,
      trial_settings: { end_behavior: { missing_payment_method: "pause" } },
    });
    await world.advance(clock.id, seconds(start) + 20 * day);
    expect((await stripe.subscriptions.retrieve(trial.id)).status).toBe("paused");
    const { id: card } = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: card } });
    const resumed = await stripe.subscriptions.resume(trial.id, { billing_cycle_anchor: { type: "now" } });
    expect(resumed.status).toBe("active");
    expect(itemOf(resumed).current_period_start).toBe(seconds(start) + 20 * day);
    expect((await invoicesOf(world, trial.id)).map(({ total }) => total)).toEqual([0, 1900]);
  },
);

scenario("a trial that is ended at once is paid at once", async (world) => {
  const { stripe } = world;
  const { customer } = await begin(world, start);
  const { month } = await createPrices(world);
  const trial = await stripe.subscriptions.create({
    customer,
    items: [{ price: month }],
    trial_period_days: 14,
  });
  const paying = await stripe.subscriptions.update(trial.id, { trial_end: "now" });
  expect(paying).toMatchObject({
    status: "active",
    trial_end: seconds(start),
    billing_cycle_anchor: seconds(start),
  });
  expect((await invoicesOf(world, trial.id)).map(({ total, status }) => [total, status])).toEqual([
    [0, "paid"],
    [1900, "paid"],
  ]);
});
