import { expect } from "vitest";
import {
  begin,
  createPrices,
  day,
  giveCard,
  latestInvoice,
  type ScenarioWorld,
  scenario,
  seconds,
} from "#tests/integration/sandbox-stripe/scenarios/scenario-world.ts";

const start = "2031-01-10T09:00:00Z";
const renewal = seconds("2031-02-10T09:00:00Z");

/** A subscription whose first renewal was declined. */
async function declinedRenewal(world: ScenarioWorld) {
  const subscriber = await begin(world, start);
  const { month } = await createPrices(world);
  const { customer } = subscriber;
  const { id } = await world.stripe.subscriptions.create({ customer, items: [{ price: month }] });
  await giveCard(world, customer, "pm_card_chargeCustomerFail");
  await world.advance(subscriber.clock, renewal + 7200);
  return { ...subscriber, id };
}

scenario("a declined renewal makes a plan past due, and a new card brings it back", async (world) => {
  const { stripe } = world;
  const { clock, customer, id } = await declinedRenewal(world);
  expect((await stripe.subscriptions.retrieve(id)).status).toBe("past_due");
  const invoice = await latestInvoice(world, id);
  expect(invoice).toMatchObject({
    status: "open",
    attempt_count: 1,
    next_payment_attempt: expect.any(Number),
  });
  await giveCard(world, customer, "pm_card_visa");
  await world.advance(clock, (invoice.next_payment_attempt ?? 0) + 7200);
  expect(await stripe.invoices.retrieve(invoice.id)).toMatchObject({ status: "paid", attempt_count: 2 });
  expect((await stripe.subscriptions.retrieve(id)).status).toBe("active");
});

scenario("a renewal that is declined every time ends the plan after two weeks", async (world) => {
  const { stripe } = world;
  const { clock, id } = await declinedRenewal(world);
  await world.advance(clock, renewal + 10 * day);
  expect((await stripe.subscriptions.retrieve(id)).status).toBe("past_due");
  await world.advance(clock, renewal + 25 * day);
  const ended = await stripe.subscriptions.retrieve(id);
  expect(ended).toMatchObject({ status: "canceled", cancellation_details: { reason: "payment_failed" } });
  expect(await latestInvoice(world, id)).toMatchObject({ status: "open", next_payment_attempt: null });
});
