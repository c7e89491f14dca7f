import { afterEach, beforeEach, expect, test } from "vitest";
import { previewChange } from "#lib/billing/change-plan.ts";
import { meterOverage } from "#lib/billing/meter-outbox.ts";
import { enableOverage } from "#lib/billing/actions/overage-settings.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { usd } from "#lib/core/money.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  subscribe,
} from "#tests/integration/billing/billing-world.ts";
import { spend } from "#tests/integration/billing/spend.ts";

let world: BillingWorld;
let ada: Customer;
let customer: string;
beforeEach(async () => {
  world = await createBillingWorld();
  ada = await addCustomer(world);
  customer = await subscribe(world, ada, "pro_month");
  await enableOverage(ada, usd(20), now());
  await spend(world, ada, usd(15));
});
afterEach(() => world.close());

const minuteMs = 60_000;
const inMinutes = (minutes: number) => new Date(now().getTime() + minutes * minuteMs);

/** What Stripe's meter has counted of our customer. */
async function unitsAtStripe(): Promise<number> {
  const [meter] = (await world.stripe.billing.meters.list()).data;
  const start = Math.floor(now().getTime() / 86_400_000) * 86_400 - 86_400;
  const span = { customer, start_time: start, end_time: start + 5 * 86_400 };
  const summaries = await world.stripe.billing.meters.listEventSummaries(meter?.id ?? "", span);
  return summaries.data.reduce((sum, { aggregated_value: value }) => sum + value, 0);
}

const outbox = () => world.sql<
  { identifier: string; units: number; sent: boolean; attempts: number; lastError: string | null }[]
>`
  select identifier, units::int as units, sent_at is not null as sent, attempts, last_error as "lastError"
  from meter_events order by created_at, identifier`;

test("M16: use leaves in whole units, once, however many report at the same moment; the rest is carried on", async () => {
  await spend(world, ada, 12_345);
  await Promise.all(Array.from({ length: 5 }, () => meterOverage(now())));
  await meterOverage(now());
  expect(await unitsAtStripe()).toBe(123);
  expect((await outbox()).map(({ units }) => units)).toEqual([123]);
  await spend(world, ada, 54);
  await meterOverage(now());
  expect(await unitsAtStripe()).toBe(123);
  await spend(world, ada, 1);
  await meterOverage(now());
  expect(await unitsAtStripe()).toBe(124);
});

test("M16: settlements and reports at once lose nothing and count nothing twice", async () => {
  await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      index % 4 === 0 ? meterOverage(now()) : spend(world, ada, 1_037 * (index + 1)),
    ),
  );
  await meterOverage(now());
  const [window] = await world.sql<{ used: number; reported: number }[]>`
    select used_micros::float8 as used, reported_micros::float8 as reported from overage_windows`;
  const events = await outbox();
  expect(window?.reported).toBe(Math.floor((window?.used ?? 0) / 100) * 100);
  expect(events.reduce((sum, { units }) => sum + units, 0) * 100).toBe(window?.reported);
  expect(await unitsAtStripe()).toBe((window?.reported ?? 0) / 100);
});

test("M16: what Stripe does not take is kept with the reason, waits longer each time, and arrives once", async () => {
  await spend(world, ada, 50_000);
  await world.control("chaos", { failNextApi: 500, failNextApiTimes: 1_000 });
  await meterOverage(now());
  await meterOverage(now());
  expect(await outbox()).toMatchObject([{ sent: false, attempts: 1, lastError: expect.any(String) }]);
  await meterOverage(inMinutes(1.1));
  await meterOverage(inMinutes(2));
  expect(await outbox()).toMatchObject([{ sent: false, attempts: 2 }]);
  await world.control("chaos", { failNextApi: null });
  await meterOverage(inMinutes(4));
  expect(await outbox()).toMatchObject([{ sent: true, attempts: 3, lastError: null }]);
  expect(await unitsAtStripe()).toBe(500);
});

test("M16: an answer of Stripe's that was lost is asked for again, and the use counts once", async () => {
  await spend(world, ada, 50_000);
  await world.control("chaos", { failNextApi: "timeout_after_effect", failNextApiTimes: 1_000 });
  await meterOverage(now());
  expect(await outbox()).toMatchObject([{ sent: false }]);
  await world.control("chaos", { failNextApi: null });
  expect(await unitsAtStripe()).toBe(500);
  await meterOverage(inMinutes(2));
  expect(await outbox()).toMatchObject([{ sent: true }]);
  expect(await unitsAtStripe()).toBe(500);
});

test("M16: an event that Stripe has already, because nobody lived to note it, is a success", async () => {
  await spend(world, ada, 50_000);
  await world.control("chaos", { failNextApi: 500, failNextApiTimes: 1_000 });
  await meterOverage(now());
  await world.control("chaos", { failNextApi: null });
  const [event] = await outbox();
  // By another call than ours, so that no idempotency key answers in its place.
  await world.stripe.billing.meterEvents.create({
    event_name: "parley_overage",
    identifier: event?.identifier ?? "",
    payload: { stripe_customer_id: customer, value: "500" },
  });
  await meterOverage(inMinutes(2));
  expect(await outbox()).toMatchObject([{ sent: true, lastError: null }]);
  expect(await unitsAtStripe()).toBe(500);
});

test("M16: what was tried is not sent again once Stripe would not know it any more; an operator is told", async () => {
  await spend(world, ada, 50_000);
  await world.control("chaos", { failNextApi: 500, failNextApiTimes: 1_000 });
  await meterOverage(now());
  await world.control("chaos", { failNextApi: null });
  const alerts: Alert[] = [];
  deliverAlertsTo(async (alert) => void alerts.push(alert));
  await meterOverage(inMinutes(24 * 60));
  await meterOverage(inMinutes(24 * 60 + 1));
  deliverAlertsTo(undefined);
  expect(await outbox()).toMatchObject([{ sent: false, attempts: 1 }]);
  expect(await unitsAtStripe()).toBe(0);
  expect(alerts.map(({ title }) => title)).toEqual(["Use beyond credit could not be told to Stripe"]);
});

test("M16: what was never tried is sent however late, dated within its own period", async () => {
  await spend(world, ada, 50_000);
  const [window] = await world.sql<{ ends: number }[]>`
    select extract(epoch from ends_at)::float8 as ends from overage_windows`;
  const ends = window?.ends ?? 0;
  await world.travel(new Date((ends + 600) * 1_000).toISOString());
  await meterOverage(now());
  const [event] = await world.sql<
    { used: number }[]
  >`select extract(epoch from used_at)::float8 as used from meter_events`;
  expect(event?.used).toBe(ends - 1);
  expect(await outbox()).toMatchObject([{ sent: true, units: 500 }]);
});

test("M16, M20: what Stripe could not hear of is not left out of a reckoning, and is heard at once when it can be", async () => {
  // Stripe counts use from the second in which overage was switched on.
  await world.travel(inMinutes(1).toISOString());
  await spend(world, ada, usd(2));
  const year = () => previewChange(ada, "pro_year", now());
  // One attempt and the SDK's two more: the preview itself would be answered.
  await world.control("chaos", { failNextApi: 500, failNextApiTimes: 3 });
  await expect(year()).rejects.toMatchObject({ code: "billing_unavailable" });
  expect(await outbox()).toMatchObject([{ sent: false, attempts: 1 }]);
  await world.control("chaos", { failNextApi: null });
  // Not a minute later, as the job would try it.
  const { dueNowMicros } = (await year()) ?? {};
  expect(await outbox()).toMatchObject([{ sent: true, attempts: 2 }]);
  expect(await unitsAtStripe()).toBe(20_000);
  expect(dueNowMicros).toBeGreaterThan(usd(190 - 19 + 2) - 10_000);
});
