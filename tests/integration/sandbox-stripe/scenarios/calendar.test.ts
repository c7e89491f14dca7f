import { expect } from "vitest";
import { failureOf } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import {
  begin,
  createPrices,
  invoicesOf,
  itemOf,
  scenario,
  seconds,
} from "#tests/integration/sandbox-stripe/scenarios/scenario-world.ts";

scenario(
  "renewals of the 31st fall on month ends and come back to the 31st, over 14 months",
  async (world) => {
    const { stripe } = world;
    const { clock, customer } = await begin(world, "2031-01-31T10:00:00Z");
    const { month } = await createPrices(world);
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price: month }] });
    const ends: string[] = [];
    for (let count = 0; count < 14; count += 1) {
      const { current_period_end: end } = itemOf(await stripe.subscriptions.retrieve(id));
      ends.push(new Date(end * 1000).toISOString());
      await world.advance(clock, end + 3700);
    }
    const year = [
      "02-28",
      "03-31",
      "04-30",
      "05-31",
      "06-30",
      "07-31",
      "08-31",
      "09-30",
      "10-31",
      "11-30",
      "12-31",
    ];
    const days = [...year.map((day) => `2031-${day}`), "2032-01-31", "2032-02-29", "2032-03-31"];
    expect(ends).toEqual(days.map((day) => `${day}T10:00:00.000Z`));
    const invoices = await invoicesOf(world, id);
    expect(invoices.map(({ total, status }) => [total, status])).toEqual(Array(15).fill([1900, "paid"]));
    const periods = invoices.map((invoice) => invoice.lines.data[0]?.period);
    for (const [position, period] of periods.slice(1).entries())
      expect(period?.start).toBe(periods[position]?.end);
  },
);

scenario(
  "a yearly plan begun on 29 February renews on the 28th, and on the 29th in a leap year",
  async (world) => {
    const { stripe } = world;
    const { clock, customer } = await begin(world, "2028-02-29T12:00:00Z");
    const { year } = await createPrices(world);
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price: year }] });
    const days: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const { current_period_end: end } = itemOf(await stripe.subscriptions.retrieve(id));
      days.push(new Date(end * 1000).toISOString().slice(0, 10));
      await world.advance(clock, end + 3700);
    }
    expect(days).toEqual(["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]);
  },
);

scenario(
  "a test clock goes two intervals of its shortest subscription at once, and no further",
  async (world) => {
    const { stripe } = world;
    const { clock, customer } = await begin(world, "2031-01-10T00:00:00Z");
    const tooFar = seconds("2033-01-11T00:00:00Z");
    const alone = await failureOf(stripe.testHelpers.testClocks.advance(clock, { frozen_time: tooFar }));
    expect([alone.statusCode, alone.param]).toEqual([400, "frozen_time"]);
    const { month } = await createPrices(world);
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price: month }] });
    const refused = await failureOf(
      stripe.testHelpers.testClocks.advance(clock, { frozen_time: seconds("2031-03-10T00:00:01Z") }),
    );
    expect([refused.statusCode, refused.param]).toEqual([400, "frozen_time"]);
    expect((await stripe.testHelpers.testClocks.retrieve(clock)).frozen_time).toBe(
      seconds("2031-01-10T00:00:00Z"),
    );
    await world.advance(clock, seconds("2031-03-10T00:00:00Z"));
    expect(await invoicesOf(world, id)).toHaveLength(3);
  },
);
