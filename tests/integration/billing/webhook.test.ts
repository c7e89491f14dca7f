import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { finishCheckout } from "#lib/billing/actions/checkout.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { sweepBilling } from "#lib/billing/reconcile/sweep.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { processEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  listStripeEvents,
  payCheckout,
  postWebhook,
  readGrants,
  readStripeCustomerId,
  readSubscriptionState,
  resetEnvCaches,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(() => testEnv.reset());
afterEach(async () => {
  deliverAlertsTo(undefined);
  await testEnv.control("chaos", {});
  await testEnv.control("chaos", { drop: true });
});
afterAll(() => testEnv.close());

const waitOptions = { timeout: 20_000, interval: 25 };
const planOf = async (customer: Customer) =>
  entitlementsOf(await readSubscriptionState(testEnv, customer), now()).plan;
const readInboxRow = async (eventId: string) => {
  const rows = await testEnv.sql<{ state: string; attempts: number; lastError: string | null }[]>`
    select state, attempts, last_error as "lastError" from stripe_events where id = ${eventId}`;
  return rows[0];
};
const countJobs = async (eventId: string) => {
  const [row] = await testEnv.sql`
    select count(*)::int as count from pgboss.job where name = 'stripe.event' and data->>'eventId' = ${eventId}`;
  return Number(row?.count);
};

/** Creates a customer who has paid and was not synced, and lists the events of the payment. */
async function payWithoutSync(lookupKey = "pro_month") {
  const ada = await addCustomer(testEnv);
  await payCheckout(ada, lookupKey);
  const events = await listStripeEvents(testEnv, await readStripeCustomerId(testEnv, ada));
  expect(events.length).toBeGreaterThan(5);
  return { ada, events };
}

describe("the webhook endpoint", () => {
  test.each([
    ["a wrong secret", { secret: "whsec_wrong" }],
    ["a modified body", { tamper: true }],
    ["a signature older than five minutes", { timestamp: Math.floor(Date.now() / 1_000) - 301 }],
  ])("the webhook endpoint answers 400 to %s and stores nothing", async (_name, options) => {
    const event = {
      id: `evt_bad_${_name.length}`,
      object: "event",
      type: "invoice.paid",
      data: { object: {} },
    };
    const answer = await postWebhook(testEnv, event, options);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: "bad_signature" } });
    expect(await readInboxRow(event.id)).toBeUndefined();
  });

  test.each([
    ["a NUL in its id", { id: "evt_\0" }],
    ["a NUL in its object", { data: { object: { note: "a\0b" } } }],
    ["an id that is a number", { id: 7 }],
    ["a creation time that is a text", { created: "soon" }],
    ["a creation time beyond all calendars", { created: 8.6e12 }],
    ["an object that is a text", { data: { object: "cus_1" } }],
    ["an unpaired surrogate", { type: "invoice.\ud83d" }],
    ["nesting of 200 levels", { data: { object: JSON.parse(`${"[".repeat(200)}${"]".repeat(200)}`) } }],
  ])("S13: a signed event with %s is a 400", async (_name, fields) => {
    const event = { object: "event", created: 1, livemode: false, data: { object: {} }, id: "evt_odd" };
    const answer = await postWebhook(testEnv, { type: "invoice.paid", ...event, ...fields });
    expect(answer.status).toBe(400);
  });

  test("the webhook endpoint answers 400 without a signature", async () => {
    const answer = await fetch(testEnv.webhookUrl, { method: "POST", body: "{}" });
    expect(answer.status).toBe(400);
  });

  test("the webhook endpoint accepts the previous secret during a rotation", async () => {
    vi.stubEnv("STRIPE_WEBHOOK_SECRET_PREVIOUS", "whsec_before");
    resetEnvCaches();
    const [event] = (await payWithoutSync()).events;
    expect((await postWebhook(testEnv, event, { secret: "whsec_before" })).status).toBe(200);
    expect((await postWebhook(testEnv, event)).status).toBe(200);
    expect((await postWebhook(testEnv, event, { secret: "whsec_neither" })).status).toBe(400);
  });

  test("twenty concurrent deliveries commit one event and one job before they are answered", async () => {
    const { events } = await payWithoutSync();
    const event = events.find(({ type }) => type === "invoice.paid");
    const answers = await Promise.all(Array.from({ length: 20 }, () => postWebhook(testEnv, event)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const bodies = await Promise.all(answers.map((answer) => answer.json()));
    expect(bodies.filter(({ duplicate }) => duplicate === false)).toHaveLength(1);
    expect(await readInboxRow(event?.id ?? "")).toMatchObject({ state: "received", attempts: 0 });
    expect(await countJobs(event?.id ?? "")).toBe(1);
  });
});

describe("event processing", () => {
  test("known failure mode: credit granted twice: processing one event twenty times concurrently grants once (M10)", async () => {
    const { ada, events } = await payWithoutSync();
    const event = events.find(({ type }) => type === "invoice.paid");
    await postWebhook(testEnv, event);
    await Promise.all(Array.from({ length: 20 }, () => processEvent(event?.id ?? "")));
    expect(await readGrants(testEnv, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
    expect(await readInboxRow(event?.id ?? "")).toMatchObject({ state: "done" });
  });

  test("five concurrent events of one customer, each delivered twice, grant once and are all processed", async () => {
    const { ada, events } = await payWithoutSync();
    const five = [...new Map(events.map((event) => [event.type, event])).values()].slice(-5);
    expect(five).toHaveLength(5);
    const deliveries = [...five, ...five];
    const answers = await Promise.all(deliveries.map((event) => postWebhook(testEnv, event)));
    expect(answers.map(({ status }) => status)).toEqual(deliveries.map(() => 200));
    await Promise.all(deliveries.map(({ id }) => processEvent(id)));
    expect(await readGrants(testEnv, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
    for (const { id } of five) expect(await readInboxRow(id)).toMatchObject({ state: "done" });
  });

  test("events in reverse order lead to the same state as in order", async () => {
    const forward = await payWithoutSync();
    const reverse = await payWithoutSync();
    for (const event of forward.events) {
      await postWebhook(testEnv, event);
      await processEvent(event.id);
    }
    for (const event of reverse.events.toReversed()) {
      await postWebhook(testEnv, event);
      await processEvent(event.id);
    }
    for (const { ada } of [forward, reverse]) {
      expect(await planOf(ada)).toBe("pro");
      expect(await readGrants(testEnv, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
    }
  });

  test("any single event of a history is sufficient for the full state", async () => {
    const { ada, events } = await payWithoutSync("enterprise_year");
    const created = events.find(({ type }) => type === "customer.created");
    await postWebhook(testEnv, created);
    await processEvent(created?.id ?? "");
    expect(await planOf(ada)).toBe("enterprise");
    expect(await readGrants(testEnv, ada)).toHaveLength(1);
  });

  test("known failure mode: stale overwrite by a late event: a late event leaves the plan that Stripe has now", async () => {
    const { ada, events } = await payWithoutSync();
    const customer = await readStripeCustomerId(testEnv, ada);
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    await testEnv.stripe.subscriptions.cancel(subscription?.id ?? "");
    await syncCustomer(customer);
    expect(await planOf(ada)).toBe("free");
    const created = events.find(({ type }) => type === "customer.subscription.created");
    await postWebhook(testEnv, created);
    await processEvent(created?.id ?? "");
    expect(await planOf(ada)).toBe("free");
  });

  test("a slow sync does not overwrite a newer one", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    // Syncs run in sequence, so the state fetched last is written last.
    const before = Array.from({ length: 5 }, () => syncCustomer(customer));
    await testEnv.stripe.subscriptions.cancel(subscription?.id ?? "");
    const after = Array.from({ length: 5 }, () => syncCustomer(customer));
    await Promise.all([...before, ...after]);
    expect(await planOf(ada)).toBe("free");
  });

  test("known failure mode: success page before webhook: the success page and a later webhook grant once", async () => {
    const ada = await addCustomer(testEnv);
    await finishCheckout(ada.workspaceId, await payCheckout(ada, "pro_month"));
    for (const event of await listStripeEvents(testEnv, await readStripeCustomerId(testEnv, ada))) {
      await postWebhook(testEnv, event);
      await processEvent(event.id);
    }
    expect(await readGrants(testEnv, ada)).toHaveLength(1);
  });

  test("an event of an unknown customer is processed without a change", async () => {
    const unknownCustomer = await testEnv.stripe.customers.create({ email: "unknown@example.com" });
    const [event] = await listStripeEvents(testEnv, unknownCustomer.id);
    await postWebhook(testEnv, event);
    await processEvent(event?.id ?? "");
    expect(await readInboxRow(event?.id ?? "")).toMatchObject({ state: "done" });
  });
});

describe("failures", () => {
  test("known failure mode: event marked done and then failed: an event stays open while Stripe answers 500 and is done after a successful retry", async () => {
    const { ada, events } = await payWithoutSync();
    const event = events.find(({ type }) => type === "invoice.paid");
    const eventId = event?.id ?? "";
    await postWebhook(testEnv, event);
    await testEnv.control("chaos", { failNextApi: 500, failNextApiTimes: 50 });
    await expect(processEvent(eventId)).rejects.toMatchObject({ code: "billing_unavailable" });
    expect(await readInboxRow(eventId)).toMatchObject({
      state: "received",
      attempts: 1,
      lastError: expect.any(String),
    });
    expect(await readGrants(testEnv, ada)).toEqual([]);
    await testEnv.control("chaos", {});
    await processEvent(eventId);
    expect(await readInboxRow(eventId)).toMatchObject({ state: "done", attempts: 2, lastError: null });
    expect(await readGrants(testEnv, ada)).toHaveLength(1);
  });

  test("an event that fails its last attempt raises an alert and can be processed later", async () => {
    const alerts: Alert[] = [];
    deliverAlertsTo(async (alert) => void alerts.push(alert));
    const { ada, events } = await payWithoutSync();
    const event = events.find(({ type }) => type === "customer.subscription.updated") ?? events.at(-1);
    const eventId = event?.id ?? "";
    await postWebhook(testEnv, event);
    await testEnv.sql`update stripe_events set attempts = 12 where id = ${eventId}`;
    await testEnv.control("chaos", { failNextApi: 500, failNextApiTimes: 50 });
    await expect(processEvent(eventId)).rejects.toMatchObject({ code: "billing_unavailable" });
    expect(await readInboxRow(eventId)).toMatchObject({ state: "failed", attempts: 13 });
    expect(alerts.map(({ key }) => key)).toEqual([`webhook-failed:${event?.type}`]);
    await testEnv.control("chaos", {});
    await processEvent(eventId);
    expect(await readInboxRow(eventId)).toMatchObject({ state: "done" });
    expect(await planOf(ada)).toBe("pro");
  });
});

describe("delivery with running jobs", () => {
  beforeEach(() => testEnv.startJobs());

  test("a signed webhook activates the plan when the customer never returns", async () => {
    await testEnv.deliver();
    const ada = await addCustomer(testEnv);
    await payCheckout(ada, "pro_month");
    await vi.waitFor(async () => expect(await planOf(ada)).toBe("pro"), waitOptions);
    expect(await readGrants(testEnv, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
  });

  test("duplicated and reordered deliveries activate the plan once", async () => {
    await testEnv.control("chaos", { drop: false, duplicate: 3, reorder: true });
    const ada = await addCustomer(testEnv);
    await payCheckout(ada, "enterprise_month");
    await vi.waitFor(async () => expect(await planOf(ada)).toBe("enterprise"), waitOptions);
    await testEnv.control("flush", {});
    await vi.waitFor(async () => {
      const [row] = await testEnv.sql`select count(*)::int as count from stripe_events where state <> 'done'`;
      expect(row?.count).toBe(0);
    }, waitOptions);
    expect(await readGrants(testEnv, ada)).toMatchObject([{ amountMicros: 100_000_000 }]);
  });

  test("the sweep activates a plan whose webhooks were lost", async () => {
    const ada = await addCustomer(testEnv);
    await payCheckout(ada, "pro_month");
    expect(await planOf(ada)).toBe("free");
    await sweepBilling();
    await vi.waitFor(async () => expect(await planOf(ada)).toBe("pro"), waitOptions);
    expect(await readGrants(testEnv, ada)).toHaveLength(1);
  });

  test("the sweep fetches undelivered events into the inbox once", async () => {
    await testEnv.control("chaos", { drop: false, endpointDown: true });
    const ada = await addCustomer(testEnv);
    await payCheckout(ada, "pro_month");
    const events = await listStripeEvents(testEnv, await readStripeCustomerId(testEnv, ada));
    await testEnv.control("flush", {});
    await sweepBilling();
    await sweepBilling();
    for (const { id } of events) expect(await readInboxRow(id)).toBeDefined();
    await vi.waitFor(async () => expect(await planOf(ada)).toBe("pro"), waitOptions);
  });
});
