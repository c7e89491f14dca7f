import assert from "node:assert/strict";
import type Stripe from "stripe";
import { makeCopy } from "#tests/orders/copy.ts";
import { deedNames, doDeed } from "#tests/orders/deeds.ts";
import { createRandom, type Random } from "#tests/orders/random.ts";
import { type OrdersWorld, startOrdersWorld } from "#tests/orders/world.ts";

/** How a history ended; `failure` says what was done in it, and what came out wrong. */
export type Ending = { seed: number; failure: string | null };

const copies = 3;
const longestHistory = 9;

// A world of its own, in which one history after the other is played: each when run.ts asks for it by its seed.
const world = await startOrdersWorld(process.argv[2] ?? "", copies);
process.on("message", async (seed: number) => {
  const told: string[] = [];
  const failure = await play(world, createRandom(seed), told).then(
    () => null,
    (error) => `${told.join(", ")}\n${error instanceof Error ? error.message : error}`,
  );
  process.send?.({ seed, failure } satisfies Ending);
});
process.on("disconnect", async () => {
  await world.stop();
});
process.send?.("ready");

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
