import assert from "node:assert/strict";
import type Stripe from "stripe";
import { changeCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import {
  type BillingInstance,
  createBillingInstance,
  createWorkspace,
} from "#tests/orders/billing-instance.ts";
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
  const workspaceId = await createWorkspace(testEnv.databases);
  const instances = await Promise.all(
    testEnv.databases.map((database, index) =>
      createBillingInstance(testEnv, database, workspaceId, index === 0 ? "in order" : "unreliable"),
    ),
  );
  const customers: string[] = [];
  const buyer = () => ensureCustomer(testEnv, instances, customers);
  const spend = (share: number) => spendEverywhere(instances, share);
  await buyer();
  const deliveredIds = new Set<string>();
  for (const { action, seed } of steps) {
    const passesDays = action === "passDays" || action === "passWeek";
    // A nightly sweep runs before days pass, so that no instance misses a state that only existed before.
    if (passesDays) await sweepAll(instances);
    await testEnv.pass(1 + (seed % 50));
    const customer = customers.at(-1) ?? "";
    await runAction(action, { testEnv, customer, customers, buyer, spend, random: createRandom(seed) });
    if (passesDays) for (const instance of instances) await instance.expireCredit();
    const events = await listNewEvents(testEnv, deliveredIds);
    for (const instance of instances) await instance.deliver(events, createRandom(seed));
  }
  // A sync may change Stripe (it ends a refused trial), which the other instances see only afterwards.
  await sweepAll(instances);
  await sweepAll(instances);
  await checkInstances(instances, await listSubscriptions(testEnv, customers));
}

/**
 * Returns the customer that every instance sells to. A new one gets a card, and is the last of `customers`.
 */
async function ensureCustomer(
  { stripe }: OrdersTestEnv,
  instances: readonly BillingInstance[],
  customers: string[],
): Promise<string> {
  const ids = new Set<string>();
  for (const instance of instances) ids.add(await instance.ensureCustomer());
  const [id = "", ...others] = ids;
  assert.deepEqual(others, [], "the instances sell to different customers");
  if (customers.includes(id)) return id;
  await changeCard(stripe, id, "pm_card_visa");
  customers.push(id);
  return id;
}

/** Spends a share of the credit, which all instances agree about after a sweep. */
async function spendEverywhere(instances: readonly BillingInstance[], share: number): Promise<void> {
  await sweepAll(instances);
  await sweepAll(instances);
  const available: number[] = [];
  for (const instance of instances) available.push(await instance.readAvailable());
  const [micros = 0] = available;
  assert.deepEqual(
    available,
    instances.map(() => micros),
    "the instances differ in the available credit",
  );
  const spent = Math.floor(micros * share);
  if (spent > 0) for (const instance of instances) await instance.spend(spent);
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
