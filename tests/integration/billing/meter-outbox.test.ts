import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { enableOverage } from "#lib/billing/actions/overage-settings.ts";
import { previewChange } from "#lib/billing/actions/preview-plan-change.ts";
import { meterOverage } from "#lib/billing/sync/meter-outbox.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { usd } from "#lib/core/money.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { spendCredit } from "#tests/integration/billing/spend-credit.ts";

let testEnv: BillingTestEnv;
let ada: Customer;
let customer: string;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(async () => {
  await testEnv.reset();
  ada = await addCustomer(testEnv);
  customer = await subscribe(testEnv, ada, "pro_month");
  await enableOverage(ada, usd(20), now());
  await spendCredit(testEnv, ada, usd(15));
});
afterAll(() => testEnv.close());

const minuteMs = 60_000;
const inMinutes = (minutes: number) => new Date(now().getTime() + minutes * minuteMs);

/** Returns the units that Stripe's meter has counted for the customer. */
async function unitsAtStripe(): Promise<number> {
  const [meter] = (await testEnv.stripe.billing.meters.list()).data;
  const start = Math.floor(now().getTime() / 86_400_000) * 86_400 - 86_400;
  const span = { customer, start_time: start, end_time: start + 5 * 86_400 };
  const summaries = await testEnv.stripe.billing.meters.listEventSummaries(meter?.id ?? "", span);
  return summaries.data.reduce((sum, { aggregated_value: value }) => sum + value, 0);
}

const outbox = () => testEnv.sql<
  { identifier: string; units: number; sent: boolean; attempts: number; lastError: string | null }[]
>`
  select identifier, units::int as units, sent_at is not null as sent, attempts, last_error as "lastError"
  from meter_events order by created_at, identifier`;

test("M16: concurrent reports send overage in whole units once and carry the remainder over", async () => {
  await spendCredit(testEnv, ada, 12_345);
  await Promise.all(Array.from({ length: 5 }, () => meterOverage(now())));
  await meterOverage(now());
  expect(await unitsAtStripe()).toBe(123);
  expect((await outbox()).map(({ units }) => units)).toEqual([123]);
  await spendCredit(testEnv, ada, 54);
  await meterOverage(now());
  expect(await unitsAtStripe()).toBe(123);
  await spendCredit(testEnv, ada, 1);
  await meterOverage(now());
  expect(await unitsAtStripe()).toBe(124);
});

test("M16: concurrent settlements and reports lose nothing and count nothing twice", async () => {
  await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      index % 4 === 0 ? meterOverage(now()) : spendCredit(testEnv, ada, 1_037 * (index + 1)),
    ),
  );
  await meterOverage(now());
  const [window] = await testEnv.sql<{ used: number; reported: number }[]>`
    select used_micros::float8 as used, reported_micros::float8 as reported from overage_windows`;
  const events = await outbox();
  expect(window?.reported).toBe(Math.floor((window?.used ?? 0) / 100) * 100);
  expect(events.reduce((sum, { units }) => sum + units, 0) * 100).toBe(window?.reported);
  expect(await unitsAtStripe()).toBe((window?.reported ?? 0) / 100);
});

test("M16: a rejected meter event is kept with its error, retried with backoff, and delivered once", async () => {
  await spendCredit(testEnv, ada, 50_000);
  await testEnv.control("chaos", { failNextApi: 500, failNextApiTimes: 1_000 });
  await meterOverage(now());
  await meterOverage(now());
  expect(await outbox()).toMatchObject([{ sent: false, attempts: 1, lastError: expect.any(String) }]);
  await meterOverage(inMinutes(1.1));
  await meterOverage(inMinutes(2));
  expect(await outbox()).toMatchObject([{ sent: false, attempts: 2 }]);
  await testEnv.control("chaos", { failNextApi: null });
  await meterOverage(inMinutes(4));
  expect(await outbox()).toMatchObject([{ sent: true, attempts: 3, lastError: null }]);
  expect(await unitsAtStripe()).toBe(500);
});

test("M16: a meter event whose response was lost is retried and counts once", async () => {
  await spendCredit(testEnv, ada, 50_000);
  await testEnv.control("chaos", { failNextApi: "timeout_after_effect", failNextApiTimes: 1_000 });
  await meterOverage(now());
  expect(await outbox()).toMatchObject([{ sent: false }]);
  await testEnv.control("chaos", { failNextApi: null });
  expect(await unitsAtStripe()).toBe(500);
  await meterOverage(inMinutes(2));
  expect(await outbox()).toMatchObject([{ sent: true }]);
  expect(await unitsAtStripe()).toBe(500);
});

test("M16: a meter event that Stripe already has counts as sent", async () => {
  await spendCredit(testEnv, ada, 50_000);
  await testEnv.control("chaos", { failNextApi: 500, failNextApiTimes: 1_000 });
  await meterOverage(now());
  await testEnv.control("chaos", { failNextApi: null });
  const [event] = await outbox();
  // A separate call, so that no idempotency key replays it.
  await testEnv.stripe.billing.meterEvents.create({
    event_name: "parley_overage",
    identifier: event?.identifier ?? "",
    payload: { stripe_customer_id: customer, value: "500" },
  });
  await meterOverage(inMinutes(2));
  expect(await outbox()).toMatchObject([{ sent: true, lastError: null }]);
  expect(await unitsAtStripe()).toBe(500);
});

test("M16: a meter event is not retried after Stripe's deduplication window and alerts the operator", async () => {
  await spendCredit(testEnv, ada, 50_000);
  await testEnv.control("chaos", { failNextApi: 500, failNextApiTimes: 1_000 });
  await meterOverage(now());
  await testEnv.control("chaos", { failNextApi: null });
  const alerts: Alert[] = [];
  deliverAlertsTo(async (alert) => void alerts.push(alert));
  await meterOverage(inMinutes(24 * 60));
  await meterOverage(inMinutes(24 * 60 + 1));
  deliverAlertsTo(undefined);
  expect(await outbox()).toMatchObject([{ sent: false, attempts: 1 }]);
  expect(await unitsAtStripe()).toBe(0);
  expect(alerts.map(({ title }) => title)).toEqual(["Use beyond credit could not be told to Stripe"]);
});

test("M16: a meter event that was never tried is sent late, dated within its own period", async () => {
  await spendCredit(testEnv, ada, 50_000);
  const [window] = await testEnv.sql<{ ends: number }[]>`
    select extract(epoch from ends_at)::float8 as ends from overage_windows`;
  const ends = window?.ends ?? 0;
  await testEnv.travel(new Date((ends + 600) * 1_000).toISOString());
  await meterOverage(now());
  const [event] = await testEnv.sql<
    { used: number }[]
  >`select extract(epoch from used_at)::float8 as used from meter_events`;
  expect(event?.used).toBe(ends - 1);
  expect(await outbox()).toMatchObject([{ sent: true, units: 500 }]);
});

test("M16, M20: a preview fails while overage cannot be reported and reports it at once when Stripe is back", async () => {
  // Stripe counts usage from the second in which overage was enabled.
  await testEnv.travel(inMinutes(1).toISOString());
  await spendCredit(testEnv, ada, usd(2));
  const year = () => previewChange(ada, "pro_year", now());
  // One attempt and the SDK's two retries fail; the preview's own call would succeed.
  await testEnv.control("chaos", { failNextApi: 500, failNextApiTimes: 3 });
  await expect(year()).rejects.toMatchObject({ code: "billing_unavailable" });
  expect(await outbox()).toMatchObject([{ sent: false, attempts: 1 }]);
  await testEnv.control("chaos", { failNextApi: null });
  // The preview retries at once; the job would retry a minute later.
  const { dueNowMicros } = (await year()) ?? {};
  expect(await outbox()).toMatchObject([{ sent: true, attempts: 2 }]);
  expect(await unitsAtStripe()).toBe(20_000);
  expect(dueNowMicros).toBeGreaterThan(usd(190 - 19 + 2) - 10_000);
});
