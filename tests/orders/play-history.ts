import assert from "node:assert/strict";
import type Stripe from "stripe";
import { type BillingInstance, createBillingInstance } from "#tests/orders/billing-instance.ts";
import { type History, runAction } from "#tests/orders/history.ts";
import type { OrdersTestEnv } from "#tests/orders/orders-test-env.ts";
import { createRandom } from "#tests/orders/random.ts";

/**
 * Plays a history at Stripe, delivers its events to every instance, and checks that all instances agree with
 * Stripe and with each other, and that the auditor finds no difference between money and credit.
 * @throws Error naming the failed check
 */
export async function playHistory(testEnv: OrdersTestEnv, { day, steps }: History): Promise<void> {
  await testEnv.reset(day);
  const { id } = await testEnv.stripe.customers.create({ email: "ada@orders.example" });
  let customer = id;
  const customers = [id];
  const instances = await Promise.all(
    testEnv.databases.map((database, index) =>
      createBillingInstance(testEnv, database, id, index === 0 ? "in order" : "unreliable"),
    ),
  );
  const replaceCustomer = async (next: string) => {
    for (const instance of instances) await instance.replaceCustomer(next);
    customer = next;
    customers.push(next);
  };
  const deliveredIds = new Set<string>();
  await runAction("repairCard", { testEnv, customer, customers, replaceCustomer, random: createRandom(0) });
  for (const { action, seed } of steps) {
    // A nightly sweep runs before days pass, so that no instance misses a state that only existed before.
    if (action === "passDays" || action === "passWeek") await sweepAll(instances);
    await testEnv.pass(1 + (seed % 50));
    await runAction(action, { testEnv, customer, customers, replaceCustomer, random: createRandom(seed) });
    const events = await listNewEvents(testEnv, deliveredIds);
    for (const instance of instances) await instance.deliver(events, createRandom(seed));
  }
  // A sync may change Stripe (it ends a refused trial), which the other instances see only afterwards.
  await sweepAll(instances);
  await sweepAll(instances);
  await checkInstances(instances, await listSubscriptions(testEnv, customers));
}

async function sweepAll(instances: readonly BillingInstance[]): Promise<void> {
  for (const instance of instances) await instance.sweep();
}

async function checkInstances(
  instances: readonly BillingInstance[],
  atStripe: { id: string; status: string }[],
): Promise<void> {
  const [first, ...others] = await Promise.all(instances.map((instance) => instance.readState()));
  for (const [index, other] of others.entries())
    assert.deepEqual(other, first, `instance ${index + 2} differs from instance 1`);
  assertConsistent(first, atStripe);
  // The instances are equal, so one audit is enough.
  assert.deepEqual(await instances[0]?.audit(), [], "the auditor found differences");
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

async function listSubscriptions({ stripe }: OrdersTestEnv, customers: readonly string[]) {
  const found: { id: string; status: string }[] = [];
  for (const customer of customers) {
    const { data } = await stripe.subscriptions.list({ customer, status: "all", limit: 100 });
    found.push(...data.map(({ id, status }) => ({ id, status })));
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
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
  const ours = new Map((instance.subscriptions ?? []).map(({ id, status }) => [id, status]));
  assert.deepEqual(
    [...ours].map(([id, status]) => ({ id, status })),
    atStripe,
    "our subscriptions differ from Stripe's",
  );
  assert.equal(instance.ledger, instance.balance, "the ledger does not sum to the balance");
  assert.equal(instance.broken, 0, "a grant does not add up");
}
