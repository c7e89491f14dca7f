import Stripe from "stripe";
import { expect } from "vitest";
import { failureOf } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import {
  begin,
  createPrices,
  invoicesOf,
  type ScenarioWorld,
  scenario,
  seconds,
} from "#tests/integration/sandbox-stripe/scenarios/scenario-world.ts";

const start = "2031-01-01T00:00:00Z";
const nextMonth = seconds("2031-02-01T00:00:00Z");

/** A token meter and a price with 1,000 free tokens and $0.002 for each further token. */
async function createOverage({ stripe }: ScenarioWorld): Promise<{ event: string; price: string }> {
  const event = `tokens_${Date.now()}`;
  const meter = await stripe.billing.meters.create({
    display_name: "Tokens",
    event_name: event,
    default_aggregation: { formula: "sum" },
  });
  const product = await stripe.products.create({ name: "Tokens" });
  const price = await stripe.prices.create({
    product: product.id,
    currency: "usd",
    billing_scheme: "tiered",
    tiers_mode: "graduated",
    tiers: [
      { up_to: 1000, unit_amount: 0 },
      { up_to: "inf", unit_amount_decimal: Stripe.Decimal.from("0.2") },
    ],
    recurring: { interval: "month", usage_type: "metered", meter: meter.id },
  });
  return { event, price: price.id };
}

scenario("usage above what a plan includes is on the invoice of the period's end", async (world) => {
  const { stripe } = world;
  const { clock, customer } = await begin(world, start);
  const { month } = await createPrices(world);
  const { event, price } = await createOverage(world);
  const subscription = await stripe.subscriptions.create({ customer, items: [{ price: month }, { price }] });
  expect((await invoicesOf(world, subscription.id)).map(({ total }) => total)).toEqual([1900]);
  await world.advance(clock, seconds("2031-01-20T00:00:00Z"));
  const use = (value: string, identifier: string) =>
    stripe.billing.meterEvents.create({
      event_name: event,
      payload: { stripe_customer_id: customer, value },
      identifier,
      timestamp: seconds("2031-01-15T00:00:00Z"),
    });
  await use("800", `${event}_1`);
  await use("1700", `${event}_2`);
  await world.advance(clock, nextMonth + 7200);
  const renewal = (await invoicesOf(world, subscription.id)).at(-1);
  // 2,500 used, 1,000 included: 1,500 at 0.2 cents.
  expect(renewal).toMatchObject({ status: "paid", total: 1900 + 300, billing_reason: "subscription_cycle" });
});

scenario("a use that is reported twice under one identifier counts once", async (world) => {
  const { stripe } = world;
  const { clock, customer } = await begin(world, start);
  const { event, price } = await createOverage(world);
  const subscription = await stripe.subscriptions.create({ customer, items: [{ price }] });
  await world.advance(clock, seconds("2031-01-02T00:00:00Z"));
  const identifier = `${event}_once`;
  const use = () =>
    stripe.billing.meterEvents.create({
      event_name: event,
      payload: { stripe_customer_id: customer, value: "2000" },
      identifier,
    });
  await use();
  expect((await failureOf(use())).message).toBe(`An event already exists with identifier ${identifier}.`);
  await world.advance(clock, nextMonth + 7200);
  expect((await invoicesOf(world, subscription.id)).at(-1)?.total).toBe(200);
});
