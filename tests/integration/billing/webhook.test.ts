import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { finishCheckout } from "#lib/billing/checkout.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { processEvent } from "#lib/billing/inbox.ts";
import { sweepBilling } from "#lib/billing/reconcile/sweep.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  eventsOf,
  grantsOf,
  pay,
  post,
  resetEnvironment,
  stripeCustomerOf,
  subscribe,
  subscriptionStateOf,
} from "#tests/integration/billing/billing-world.ts";

let world: BillingWorld;
beforeAll(async () => {
  world = await createBillingWorld();
});
afterEach(async () => {
  deliverAlertsTo(undefined);
  await world.control("chaos", {});
  await world.control("chaos", { drop: true });
});
afterAll(() => world.close());

const soon = { timeout: 20_000, interval: 25 };
const planOf = async (customer: Customer) =>
  entitlementsOf(await subscriptionStateOf(world, customer), now()).plan;
const inboxOf = async (eventId: string) => {
  const rows = await world.sql<{ state: string; attempts: number; lastError: string | null }[]>`
    select state, attempts, last_error as "lastError" from stripe_events where id = ${eventId}`;
  return rows[0];
};
const waitingJobs = async (eventId: string) => {
  const [row] = await world.sql`
    select count(*)::int as count from pgboss.job where name = 'stripe.event' and data->>'eventId' = ${eventId}`;
  return Number(row?.count);
};

/** Somebody who has paid, of which nobody has told us anything; and the events that tell it. */
async function paidUnheard(lookupKey = "pro_month") {
  const ada = await addCustomer(world);
  await pay(ada, lookupKey);
  const events = await eventsOf(world, await stripeCustomerOf(world, ada));
  expect(events.length).toBeGreaterThan(5);
  return { ada, events };
}

describe("the endpoint", () => {
  test.each([
    ["a wrong secret", { secret: "whsec_wrong" }],
    ["a body that was changed on its way", { tamper: true }],
    ["a signature older than five minutes", { timestamp: Math.floor(Date.now() / 1_000) - 301 }],
  ])("answers 400 to %s, and keeps nothing", async (_name, options) => {
    const event = {
      id: `evt_bad_${_name.length}`,
      object: "event",
      type: "invoice.paid",
      data: { object: {} },
    };
    const answer = await post(world, event, options);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: "bad_signature" } });
    expect(await inboxOf(event.id)).toBeUndefined();
  });

  test("answers 400 where there is no signature at all", async () => {
    const answer = await fetch(world.webhookUrl, { method: "POST", body: "{}" });
    expect(answer.status).toBe(400);
  });

  test("takes a signature by the secret before the rotation as well", async () => {
    vi.stubEnv("STRIPE_WEBHOOK_SECRET_PREVIOUS", "whsec_before");
    resetEnvironment();
    const [event] = (await paidUnheard()).events;
    expect((await post(world, event, { secret: "whsec_before" })).status).toBe(200);
    expect((await post(world, event)).status).toBe(200);
    expect((await post(world, event, { secret: "whsec_neither" })).status).toBe(400);
  });

  test("has the event and its job committed before it answers, once for twenty deliveries at the same instant", async () => {
    const { events } = await paidUnheard();
    const event = events.find(({ type }) => type === "invoice.paid");
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(world, event)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const told = await Promise.all(answers.map((answer) => answer.json()));
    expect(told.filter(({ duplicate }) => duplicate === false)).toHaveLength(1);
    expect(await inboxOf(event?.id ?? "")).toMatchObject({ state: "received", attempts: 0 });
    expect(await waitingJobs(event?.id ?? "")).toBe(1);
  });
});

describe("whatever arrives, and however", () => {
  test("wound: credit granted twice: one event processed twenty times at once grants once (M10)", async () => {
    const { ada, events } = await paidUnheard();
    const event = events.find(({ type }) => type === "invoice.paid");
    await post(world, event);
    await Promise.all(Array.from({ length: 20 }, () => processEvent(event?.id ?? "")));
    expect(await grantsOf(world, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
    expect(await inboxOf(event?.id ?? "")).toMatchObject({ state: "done" });
  });

  test("five different events of one customer at once, twice each, grant once, and each is done", async () => {
    const { ada, events } = await paidUnheard();
    const five = [...new Map(events.map((event) => [event.type, event])).values()].slice(-5);
    expect(five).toHaveLength(5);
    const deliveries = [...five, ...five];
    const answers = await Promise.all(deliveries.map((event) => post(world, event)));
    expect(answers.map(({ status }) => status)).toEqual(deliveries.map(() => 200));
    await Promise.all(deliveries.map(({ id }) => processEvent(id)));
    expect(await grantsOf(world, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
    for (const { id } of five) expect(await inboxOf(id)).toMatchObject({ state: "done" });
  });

  test("events in reverse order end where the right order ends", async () => {
    const forward = await paidUnheard();
    const reverse = await paidUnheard();
    for (const event of forward.events) {
      await post(world, event);
      await processEvent(event.id);
    }
    for (const event of reverse.events.toReversed()) {
      await post(world, event);
      await processEvent(event.id);
    }
    for (const { ada } of [forward, reverse]) {
      expect(await planOf(ada)).toBe("pro");
      expect(await grantsOf(world, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
    }
  });

  test("any single event of the history is enough", async () => {
    const { ada, events } = await paidUnheard("enterprise_year");
    const created = events.find(({ type }) => type === "customer.created");
    await post(world, created);
    await processEvent(created?.id ?? "");
    expect(await planOf(ada)).toBe("enterprise");
    expect(await grantsOf(world, ada)).toHaveLength(1);
  });

  test("wound: stale overwrite by a late event: a late event does not bring back what it saw: the plan is Stripe's of now", async () => {
    const { ada, events } = await paidUnheard();
    const customer = await stripeCustomerOf(world, ada);
    const [subscription] = (await world.stripe.subscriptions.list({ customer })).data;
    await world.stripe.subscriptions.cancel(subscription?.id ?? "");
    await syncCustomer(customer);
    expect(await planOf(ada)).toBe("free");
    const created = events.find(({ type }) => type === "customer.subscription.created");
    await post(world, created);
    await processEvent(created?.id ?? "");
    expect(await planOf(ada)).toBe("free");
  });

  test("a sync that was slow does not overwrite one that saw more", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const [subscription] = (await world.stripe.subscriptions.list({ customer })).data;
    // Those that begin before the change and those after it end in one order: fetched last is written last.
    const before = Array.from({ length: 5 }, () => syncCustomer(customer));
    await world.stripe.subscriptions.cancel(subscription?.id ?? "");
    const after = Array.from({ length: 5 }, () => syncCustomer(customer));
    await Promise.all([...before, ...after]);
    expect(await planOf(ada)).toBe("free");
  });

  test("wound: success page before webhook: the success page before the webhook and the webhook after it grant once", async () => {
    const ada = await addCustomer(world);
    await finishCheckout(ada.workspaceId, await pay(ada, "pro_month"));
    for (const event of await eventsOf(world, await stripeCustomerOf(world, ada))) {
      await post(world, event);
      await processEvent(event.id);
    }
    expect(await grantsOf(world, ada)).toHaveLength(1);
  });

  test("an event of a customer who is not ours is done, and changes nothing", async () => {
    const stranger = await world.stripe.customers.create({ email: "stranger@example.com" });
    const [event] = await eventsOf(world, stranger.id);
    await post(world, event);
    await processEvent(event?.id ?? "");
    expect(await inboxOf(event?.id ?? "")).toMatchObject({ state: "done" });
  });
});

describe("when something fails", () => {
  test("wound: event marked done and then failed: an event is done only after success, while Stripe answers 500 it stays, and the next attempt ends it", async () => {
    const { ada, events } = await paidUnheard();
    const event = events.find(({ type }) => type === "invoice.paid");
    const eventId = event?.id ?? "";
    await post(world, event);
    await world.control("chaos", { failNextApi: 500, failNextApiTimes: 50 });
    await expect(processEvent(eventId)).rejects.toMatchObject({ code: "billing_unavailable" });
    expect(await inboxOf(eventId)).toMatchObject({
      state: "received",
      attempts: 1,
      lastError: expect.any(String),
    });
    expect(await grantsOf(world, ada)).toEqual([]);
    await world.control("chaos", {});
    await processEvent(eventId);
    expect(await inboxOf(eventId)).toMatchObject({ state: "done", attempts: 2, lastError: null });
    expect(await grantsOf(world, ada)).toHaveLength(1);
  });

  test("an event that fails to its last attempt is failed and alerted, and can still be done later", async () => {
    const alerts: Alert[] = [];
    deliverAlertsTo(async (alert) => void alerts.push(alert));
    const { ada, events } = await paidUnheard();
    const event = events.find(({ type }) => type === "customer.subscription.updated") ?? events.at(-1);
    const eventId = event?.id ?? "";
    await post(world, event);
    await world.sql`update stripe_events set attempts = 12 where id = ${eventId}`;
    await world.control("chaos", { failNextApi: 500, failNextApiTimes: 50 });
    await expect(processEvent(eventId)).rejects.toMatchObject({ code: "billing_unavailable" });
    expect(await inboxOf(eventId)).toMatchObject({ state: "failed", attempts: 13 });
    expect(alerts.map(({ key }) => key)).toEqual([`webhook-failed:${event?.type}`]);
    await world.control("chaos", {});
    await processEvent(eventId);
    expect(await inboxOf(eventId)).toMatchObject({ state: "done" });
    expect(await planOf(ada)).toBe("pro");
  });
});

describe("over the wire, with jobs running", () => {
  beforeAll(() => world.startJobs());

  test("paying is enough: Stripe's signed webhook makes the plan active without anybody coming back", async () => {
    await world.deliver();
    const ada = await addCustomer(world);
    await pay(ada, "pro_month");
    await vi.waitFor(async () => expect(await planOf(ada)).toBe("pro"), soon);
    expect(await grantsOf(world, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
  });

  test("doubled and reordered deliveries change nothing about that", async () => {
    await world.control("chaos", { drop: false, duplicate: 3, reorder: true });
    const ada = await addCustomer(world);
    await pay(ada, "enterprise_month");
    await vi.waitFor(async () => expect(await planOf(ada)).toBe("enterprise"), soon);
    await world.control("flush", {});
    await vi.waitFor(async () => {
      const [row] = await world.sql`select count(*)::int as count from stripe_events where state <> 'done'`;
      expect(row?.count).toBe(0);
    }, soon);
    expect(await grantsOf(world, ada)).toMatchObject([{ amountMicros: 100_000_000 }]);
  });

  test("webhooks that were lost are made good by the sweep", async () => {
    const ada = await addCustomer(world);
    await pay(ada, "pro_month");
    expect(await planOf(ada)).toBe("free");
    await sweepBilling();
    await vi.waitFor(async () => expect(await planOf(ada)).toBe("pro"), soon);
    expect(await grantsOf(world, ada)).toHaveLength(1);
  });

  test("events that Stripe could not deliver are fetched into the inbox, once", async () => {
    await world.control("chaos", { drop: false, endpointDown: true });
    const ada = await addCustomer(world);
    await pay(ada, "pro_month");
    const events = await eventsOf(world, await stripeCustomerOf(world, ada));
    await world.control("flush", {});
    await sweepBilling();
    await sweepBilling();
    for (const { id } of events) expect(await inboxOf(id)).toBeDefined();
    await vi.waitFor(async () => expect(await planOf(ada)).toBe("pro"), soon);
  });
});
