import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { processEvent } from "#lib/billing/inbox.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { newId } from "#lib/core/ids.ts";
import {
  type BillingWorld,
  createBillingWorld,
  post,
  resetEnvironment,
} from "#tests/integration/billing/billing-world.ts";

// Stripe says in thin events, through a destination with a secret of its own, that it could not count what was used.

const secret = "whsec_of_the_meters";
let world: BillingWorld;
let alerts: Alert[] = [];
beforeAll(async () => {
  world = await createBillingWorld();
  vi.stubEnv("STRIPE_WEBHOOK_SECRET_METERS", secret);
  resetEnvironment();
  deliverAlertsTo(async (alert) => void alerts.push(alert));
});
beforeEach(() => {
  alerts = [];
});
afterAll(async () => {
  deliverAlertsTo(undefined);
  await world.close();
});

const thin = (type: string, given: object = {}) => ({
  id: `evt_${newId().replaceAll("-", "")}`,
  object: "v2.core.event",
  type,
  livemode: false,
  created: "2026-11-28T08:00:00.000Z",
  related_object: { id: "mtr_1", type: "billing.meter", url: "/v1/billing/meters/mtr_1" },
  ...given,
});
const stateOf = async (id: string) =>
  (await world.sql`select state from stripe_events where id = ${id}`).map(({ state }) => state);

test.each(["v1.billing.meter.error_report_triggered", "v1.billing.meter.no_meter_found"])(
  "%s is kept, and the operator is told that use is not billed",
  async (type) => {
    const event = thin(type);
    for (const _ of [1, 2]) expect((await post(world, event, { secret })).status).toBe(200);
    expect(await stateOf(event.id)).toEqual(["received"]);
    await processEvent(event.id);
    expect(await stateOf(event.id)).toEqual(["done"]);
    expect(alerts).toMatchObject([{ key: `meters:${type}`, detail: expect.stringContaining(event.id) }]);
  },
);

test("a signature by another secret is refused, and a body that is no event", async () => {
  const event = thin("v1.billing.meter.no_meter_found");
  const refused = await post(world, event, { secret: "whsec_other" });
  expect(await refused.json()).toMatchObject({ error: { code: "bad_signature" } });
  const nothing = await post(world, "nothing", { secret });
  expect(await nothing.json()).toMatchObject({ error: { code: "bad_request" } });
  expect(await stateOf(event.id)).toEqual([]);
});

test("a thin event of anything else, or of the other mode, is acknowledged and not kept: the whole one is not taken for its double", async () => {
  const event = thin("v1.invoice.paid");
  const live = thin("v1.billing.meter.no_meter_found", { livemode: true });
  for (const one of [event, live]) {
    expect((await post(world, one, { secret })).status).toBe(200);
    expect(await stateOf(one.id)).toEqual([]);
  }
  const data = { object: { object: "invoice", id: "in_1", customer: "cus_1" } };
  const whole = { id: event.id, object: "event", type: "invoice.paid", livemode: false, created: 1, data };
  expect((await post(world, whole)).status).toBe(200);
  expect(await stateOf(event.id)).toEqual(["received"]);
});
