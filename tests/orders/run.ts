import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type Stripe from "stripe";
import { makeCopy } from "#tests/orders/copy.ts";
import { deedNames, doDeed } from "#tests/orders/deeds.ts";
import { createRandom, type Random } from "#tests/orders/random.ts";
import { type OrdersWorld, startOrdersWorld } from "#tests/orders/world.ts";

/**
 * `npm run test:orders -- --histories N --seed S`: plays random lives of customers at Stripe, and lets copies of the product
 * hear of them in order, and permuted, doubled, late, in parallel, or not at all. After the sweep every copy must stand where
 * Stripe stands, with the same credit. A failure prints its seed; `--histories 1 --seed THAT` plays it again.
 */
const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    report: { type: "string" },
  },
});
const [histories, firstSeed] = [Number(values.histories), Number(values.seed)];
const copies = 3;
const longestHistory = 9;

const world = await startOrdersWorld(copies);
const failedSeeds: number[] = [];
try {
  for (let index = 0; index < histories; index += 1) {
    const seed = firstSeed + index;
    const told: string[] = [];
    try {
      await play(world, createRandom(seed), told);
    } catch (error) {
      failedSeeds.push(seed);
      process.stdout.write(
        `seed ${seed} failed: ${told.join(", ")}\n${error instanceof Error ? error.message : error}\n\n`,
      );
    }
  }
} finally {
  await world.stop();
}
const passed = histories - failedSeeds.length;
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify({ passed, failedSeeds }));
process.stdout.write(`${passed} passed, ${failedSeeds.length} failed\n`);
process.exitCode = failedSeeds.length > 0 || histories === 0 ? 1 : 0;

async function play(world: OrdersWorld, random: Random, told: string[]): Promise<void> {
  const prices = await world.begin();
  const { id: customer } = await world.stripe.customers.create({ email: "ada@orders.example" });
  const scene = { world, customer, prices, random };
  await doDeed("cardIsMended", scene);
  const heard = new Set<string>();
  const crew = await Promise.all(
    world.databases.map((database, index) =>
      makeCopy(world, database, customer, index === 0 ? "in order" : "badly", random),
    ),
  );
  const tellAll = async () => {
    const news = await newsOf(world, heard);
    for (const copy of crew) await copy.hear(news);
  };
  const sweepAll = async () => {
    for (const copy of crew) await copy.sweep();
  };
  const length = 3 + random.below(longestHistory - 2);
  for (let step = 0; step < length; step += 1) {
    const deed =
      step === 0 ? random.pick(["subscribe", "subscribe", "takesTheTrial"]) : random.pick(deedNames);
    told.push(deed);
    // Time does not pass over what a night's sweep would have made good.
    if (deed === "daysPass") await sweepAll();
    await doDeed(deed, scene);
    await tellAll();
  }
  await sweepAll();
  const [first, ...others] = await Promise.all(crew.map((copy) => copy.read()));
  for (const [index, other] of others.entries())
    assert.deepEqual(other, first, `copy ${index + 2} differs from copy 1`);
  assertSane(first, await subscriptionsOf(world, customer));
}

/** What Stripe has told since last time, oldest first. */
async function newsOf({ stripe }: OrdersWorld, heard: Set<string>): Promise<Stripe.Event[]> {
  const news: Stripe.Event[] = [];
  for await (const event of stripe.events.list({ limit: 100 })) {
    if (heard.has(event.id)) break;
    news.unshift(event);
  }
  for (const { id } of news) heard.add(id);
  return news;
}

async function subscriptionsOf({ stripe }: OrdersWorld, customer: string) {
  const { data } = await stripe.subscriptions.list({ customer, status: "all", limit: 100 });
  return data.map(({ id, status }) => ({ id, status })).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** That all agree is not enough: they agree with Stripe, the ledger sums to the balance, and no grant is out of joint (M4). */
function assertSane(read: unknown, atStripe: { id: string; status: string }[]): void {
  const copy = read as {
    subscriptions: { id: string; status: string }[] | null;
    ledger: string;
    balance: string;
    broken: number;
  }; // The shape of the query in copy.ts.
  const ours = (copy.subscriptions ?? []).map(({ id, status }) => ({ id, status }));
  assert.deepEqual(ours, atStripe, "ours differ from Stripe's");
  assert.equal(copy.ledger, copy.balance, "the ledger does not sum to the balance");
  assert.equal(copy.broken, 0, "a grant does not add up");
}
