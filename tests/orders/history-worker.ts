import assert from "node:assert/strict";
import type Stripe from "stripe";
import { actionNames, runAction } from "#tests/orders/actions.ts";
import { createBillingInstance } from "#tests/orders/billing-instance.ts";
import { type OrdersTestEnv, startOrdersTestEnv } from "#tests/orders/orders-test-env.ts";
import { createRandom, type Random } from "#tests/orders/random.ts";

/** The result of a history; `failure` lists its actions and the failed check. */
export type HistoryResult = { seed: number; failure: string | null };

const instanceCount = 3;
const maxActions = 9;

// This process plays one history at a time, for each seed that run.ts sends.
const testEnv = await startOrdersTestEnv(process.argv[2] ?? "", instanceCount);
process.on("message", async (seed: number) => {
  const actions: string[] = [];
  const failure = await playHistory(testEnv, createRandom(seed), actions).then(
    () => null,
    (error) => `${actions.join(", ")}\n${error instanceof Error ? error.message : error}`,
  );
  process.send?.({ seed, failure } satisfies HistoryResult);
});
process.on("disconnect", async () => {
  await testEnv.stop();
});
process.send?.("ready");

/**
 * Runs random actions, delivers their events to every instance, and checks that all instances agree with
 * Stripe.
 */
async function playHistory(testEnv: OrdersTestEnv, random: Random, actions: string[]): Promise<void> {
  const prices = await testEnv.reset();
  const { id: customer } = await testEnv.stripe.customers.create({ email: "ada@orders.example" });
  const context = { testEnv, customer, prices, random };
  await runAction("repairCard", context);
  const deliveredIds = new Set<string>();
  const instances = await Promise.all(
    testEnv.databases.map((database, index) =>
      createBillingInstance(testEnv, database, customer, index === 0 ? "in order" : "unreliable", random),
    ),
  );
  const deliverToAll = async () => {
    const events = await listNewEvents(testEnv, deliveredIds);
    for (const instance of instances) await instance.deliver(events);
  };
  const sweepAll = async () => {
    for (const instance of instances) await instance.sweep();
  };
  const actionCount = 3 + random.below(maxActions - 2);
  for (let step = 0; step < actionCount; step += 1) {
    const action =
      step === 0 ? random.pick(["subscribe", "subscribe", "startTrial"]) : random.pick(actionNames);
    actions.push(action);
    // A nightly sweep runs before days pass, so that no instance misses a state that only existed before.
    if (action === "passDays") await sweepAll();
    await runAction(action, context);
    await deliverToAll();
  }
  await sweepAll();
  const [first, ...others] = await Promise.all(instances.map((instance) => instance.readState()));
  for (const [index, other] of others.entries())
    assert.deepEqual(other, first, `instance ${index + 2} differs from instance 1`);
  assertConsistent(first, await listSubscriptions(testEnv, customer));
}

/** Lists the events since the last call, oldest first. */
async function listNewEvents({ stripe }: OrdersTestEnv, deliveredIds: Set<string>): Promise<Stripe.Event[]> {
  const events: Stripe.Event[] = [];
  for await (const event of stripe.events.list({ limit: 100 })) {
    if (deliveredIds.has(event.id)) break;
    events.unshift(event);
  }
  for (const { id } of events) deliveredIds.add(id);
  return events;
}

async function listSubscriptions({ stripe }: OrdersTestEnv, customer: string) {
  const { data } = await stripe.subscriptions.list({ customer, status: "all", limit: 100 });
  return data.map(({ id, status }) => ({ id, status })).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * Checks one instance: it agrees with Stripe, its ledger sums to the balance, and each grant adds up (M4).
 */
function assertConsistent(state: unknown, atStripe: { id: string; status: string }[]): void {
  const instance = state as {
    subscriptions: { id: string; status: string }[] | null;
    ledger: string;
    balance: string;
    broken: number;
  }; // The shape of the query in billing-instance.ts.
  const ours = (instance.subscriptions ?? []).map(({ id, status }) => ({ id, status }));
  assert.deepEqual(ours, atStripe, "our subscriptions differ from Stripe's");
  assert.equal(instance.ledger, instance.balance, "the ledger does not sum to the balance");
  assert.equal(instance.broken, 0, "a grant does not add up");
}
