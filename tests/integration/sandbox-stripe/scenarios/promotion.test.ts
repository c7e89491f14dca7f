import { expect } from "vitest";
import { failureOf } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import {
  begin,
  createPrices,
  invoicesOf,
  scenario,
  seconds,
} from "#tests/integration/sandbox-stripe/scenarios/scenario-world.ts";

scenario("a promotion code takes its share off one invoice, and is good for one customer", async (world) => {
  const { stripe } = world;
  const { clock, customer } = await begin(world, "2031-01-01T00:00:00Z");
  const items = [{ price: (await createPrices(world)).month }];
  const coupon = await stripe.coupons.create({ percent_off: 50, duration: "once" });
  const code = await stripe.promotionCodes.create({
    promotion: { type: "coupon", coupon: coupon.id },
    code: `HALF${Date.now()}`,
    max_redemptions: 1,
  });
  const discounts = [{ promotion_code: code.id }];
  const subscription = await stripe.subscriptions.create({ customer, items, discounts });
  await world.advance(clock, seconds("2031-02-01T02:00:00Z"));
  expect((await invoicesOf(world, subscription.id)).map(({ total, status }) => [total, status])).toEqual([
    [950, "paid"],
    [1900, "paid"],
  ]);
  expect(await stripe.promotionCodes.retrieve(code.id)).toMatchObject({ times_redeemed: 1, active: false });
  const other = await begin(world, "2031-01-01T00:00:00Z");
  const again = await failureOf(stripe.subscriptions.create({ customer: other.customer, items, discounts }));
  expect(again.statusCode).toBe(400);
});
