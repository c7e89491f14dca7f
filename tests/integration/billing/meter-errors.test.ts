import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { processEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { newId } from "#lib/core/ids.ts";
import {
  type BillingTestEnv,
  postWebhook,
  resetEnvCaches,
  startBillingTestEnv,
} from "#tests/integration/billing/billing-test-env.ts";

// Stripe reports meter errors in thin events, through a destination with its own secret.

const secret = "whsec_of_the_meters";
let testEnv: BillingTestEnv;
let alerts: Alert[] = [];
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
  vi.stubEnv("STRIPE_WEBHOOK_SECRET_METERS", secret);
  resetEnvCaches();
  deliverAlertsTo(async (alert) => void alerts.push(alert));
});
beforeEach(() => {
  alerts = [];
});
afterAll(async () => {
  deliverAlertsTo(undefined);
  await testEnv.close();
});

const thinEvent = (type: string, given: object = {}) => ({
  id: `evt_${newId().replaceAll("-", "")}`,
  object: "v2.core.event",
  type,
  livemode: false,
  created: "2026-11-28T08:00:00.000Z",
  related_object: { id: "mtr_1", type: "billing.meter", url: "/v1/billing/meters/mtr_1" },
  ...given,
});
const stateOf = async (id: string) =>
  (await testEnv.sql`select state from stripe_events where id = ${id}`).map(({ state }) => state);

test.each(["v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found"])(
  "%s is stored and alerts the operator that usage is not billed",
  async (type) => {
    const event = thinEvent(type);
    for (const _ of [1, 2]) expect((await postWebhook(testEnv, event, { secret })).status).toBe(200);
    expect(await stateOf(event.id)).toEqual(["received"]);
    await processEvent(event.id);
    expect(await stateOf(event.id)).toEqual(["done"]);
    expect(alerts).toMatchObject([{ key: `meters:${type}`, detail: expect.stringContaining(event.id) }]);
  },
);

test("a thin event with a wrong signature or a malformed body is rejected", async () => {
  const event = thinEvent("v1.billing.meter.no_meter_found");
  const refused = await postWebhook(testEnv, event, { secret: "whsec_other" });
  expect(await refused.json()).toMatchObject({ error: { code: "bad_signature" } });
  const nothing = await postWebhook(testEnv, "nothing", { secret });
  expect(await nothing.json()).toMatchObject({ error: { code: "bad_request" } });
  expect(await stateOf(event.id)).toEqual([]);
});

test("a thin event of another type or mode is acknowledged but not stored, so that the full event is no duplicate", async () => {
  const event = thinEvent("v1.invoice.paid");
  const live = thinEvent("v1.billing.meter.no_meter_found", { livemode: true });
  for (const one of [event, live]) {
    expect((await postWebhook(testEnv, one, { secret })).status).toBe(200);
    expect(await stateOf(one.id)).toEqual([]);
  }
  const data = { object: { object: "invoice", id: "in_1", customer: "cus_1" } };
  const whole = { id: event.id, object: "event", type: "invoice.paid", livemode: false, created: 1, data };
  expect((await postWebhook(testEnv, whole)).status).toBe(200);
  expect(await stateOf(event.id)).toEqual(["received"]);
});
