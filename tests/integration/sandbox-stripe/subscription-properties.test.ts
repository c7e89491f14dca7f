import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { all, type SandboxClient, startSandbox } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { anyMove, attempt, type Shop } from "#tests/integration/sandbox-stripe/subscription-moves.ts";
import { randomRuns } from "#tests/random-budget.ts";

let sandbox: SandboxClient;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

test("after any sequence of actions, a subscription's events are complete, its periods adjoin and its invoices add up", async () => {
  const history = fc.array(anyMove, { minLength: 3, maxLength: 14 });
  const beginning = fc.record({ trial: fc.constantFrom(0, 5, 20), big: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(beginning, history, async (start, moves) => {
      const shop = await openShop(start);
      for (const move of moves) await attempt(shop, move);
      const events = (await all(sandbox.stripe.events.list({ limit: 100 }))).reverse();
      await expectReplayToPresent(events);
      expectPreviousToBeTrue(events);
      expectPeriodsToJoin(events, shop.subscription);
      await expectInvoicesToAddUp();
    }),
    { numRuns: randomRuns(25, 60) },
  );
}, 300_000);

async function openShop(start: { trial: number; big: boolean }): Promise<Shop> {
  await sandbox.control("reset", {});
  const { stripe } = sandbox;
  const product = await stripe.products.create({ name: "Plan" });
  const meter = await stripe.billing.meters.create({
    display_name: "Tokens",
    event_name: "tokens",
    default_aggregation: { formula: "sum" },
  });
  const price = async (cents: number, recurring: Stripe.PriceCreateParams.Recurring) =>
    (await stripe.prices.create({ product: product.id, currency: "usd", unit_amount: cents, recurring })).id;
  const prices = {
    month: await price(1900, { interval: "month" }),
    year: await price(19_000, { interval: "year" }),
    big: await price(9900, { interval: "month" }),
    metered: await price(2, { interval: "month", usage_type: "metered", meter: meter.id }),
  };
  const customer = await stripe.customers.create({
    payment_method: "pm_card_visa",
    invoice_settings: { default_payment_method: "pm_card_visa" },
  });
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: start.big ? prices.big : prices.month }],
    ...(start.trial > 0 ? { trial_period_days: start.trial } : {}),
  });
  return { sandbox, customer: customer.id, subscription: subscription.id, prices };
}

/** The latest event of each object contains its current state. */
async function expectReplayToPresent(events: Stripe.Event[]): Promise<void> {
  const { stripe } = sandbox;
  const latest = new Map(events.map(({ data: { object } }) => ["id" in object ? object.id : "", object]));
  const present = [
    ...(await all(stripe.subscriptions.list({ status: "all" }))),
    ...(await all(stripe.subscriptionSchedules.list())),
    ...(await all(stripe.customers.list())),
    ...(await all(stripe.invoices.list({ limit: 100 }))),
    ...(await all(stripe.paymentIntents.list({ limit: 100 }))),
    ...(await all(stripe.charges.list({ limit: 100 }))),
    ...(await all(stripe.paymentMethods.list({ limit: 100 }))),
    ...(await all(stripe.billing.meters.list())),
  ];
  for (const object of present) {
    const differing = differences(latest.get(object.id) ?? {}, object);
    expect(differing, `what the last event about ${object.id} shows otherwise`).toEqual([]);
  }
}

/** Fields that differ between two serialized objects. */
function differences(a: object, b: object): string[] {
  const [left, right] = [a, b].map((side) => new Map(Object.entries(JSON.parse(JSON.stringify(side)))));
  const names = new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])]);
  return [...names]
    .filter((name) => !isDeepStrictEqual(left?.get(name), right?.get(name)))
    .map((name) => `${name}: ${JSON.stringify(left?.get(name))} / ${JSON.stringify(right?.get(name))}`);
}

/** previous_attributes match the previous event, and no other field changed. */
function expectPreviousToBeTrue(events: Stripe.Event[]): void {
  const known = new Map<string, object>();
  for (const { id, type, data } of events) {
    const object: object = data.object;
    const objectId = "id" in object ? String(object.id) : "";
    const before = new Map(Object.entries(known.get(objectId) ?? {}));
    const previous = new Map(Object.entries(data.previous_attributes ?? {}));
    for (const [name, value] of Object.entries(object)) {
      const had: unknown = before.get(name);
      if (!type.endsWith(".updated") || !known.has(objectId) || isDeepStrictEqual(had, value)) continue;
      const label = `${type} ${id}: a change of ${name} is among its previous attributes`;
      expect([...previous.keys()], label).toContain(name);
      const said: unknown = previous.get(name);
      if (said === null || typeof said !== "object") expect(said, label).toEqual(had ?? null);
    }
    known.set(objectId, object);
  }
}

/** A period starts where the previous one ended, unless a call started a new one or it was paused. */
function expectPeriodsToJoin(events: Stripe.Event[], id: string): void {
  let last: { start: number; end: number; isPaused: boolean } | null = null;
  for (const { data, created } of events) {
    if (data.object.object !== "subscription" || data.object.id !== id) continue;
    const { items, status } = data.object;
    const [item] = items.data;
    if (!item) throw new Error("a subscription has an item");
    for (const other of items.data) {
      expect([other.current_period_start, other.current_period_end]).toEqual([
        item.current_period_start,
        item.current_period_end,
      ]);
    }
    const { current_period_start: start, current_period_end: end } = item;
    expect(end).toBeGreaterThan(start);
    if (last && start !== last.start && !last.isPaused) {
      // Restarted within the current period.
      const isCutShort = start === created && start > last.start && start < last.end;
      if (!isCutShort) expect(start, "a period begins where the last one ended").toBe(last.end);
    }
    last = { start, end, isPaused: status === "paused" };
  }
}

async function expectInvoicesToAddUp(): Promise<void> {
  for (const invoice of await all(sandbox.stripe.invoices.list({ limit: 100 }))) {
    const lines = invoice.lines.data.reduce((sum, line) => sum + line.amount, 0);
    expect(lines, `the lines of ${invoice.id}`).toBe(invoice.total);
    expect(invoice.amount_paid + invoice.amount_remaining).toBe(invoice.amount_due);
    if (invoice.status === "paid") expect(invoice.amount_remaining).toBe(0);
  }
}
