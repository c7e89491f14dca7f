import { exit, stdout } from "node:process";
import Stripe from "stripe";
import { startStripeSandbox } from "#sandbox/stripe/server.ts";

/**
 * How long the Stripe sandbox takes to live through a year: 500 monthly subscriptions on one clock, every
 * renewal drafted, finalised and charged, every event made. Fails when it takes a minute or more (bar: 2
 * cores).
 */
const subscriptionCount = 500;
const months = 12;
const barSeconds = 60;

const sandbox = await startStripeSandbox({ port: 0 });
const { hostname, port } = new URL(sandbox.url);
const stripe = new Stripe("sk_test_bench", { host: hostname, port: Number(port), protocol: "http" });

const begun = performance.now();
const product = await stripe.products.create({ name: "Bench" });
const price = await stripe.prices.create({
  product: product.id,
  currency: "usd",
  unit_amount: 1900,
  recurring: { interval: "month" },
});
for (let count = 0; count < subscriptionCount; count += 1) {
  const customer = await stripe.customers.create({
    payment_method: "pm_card_visa",
    invoice_settings: { default_payment_method: "pm_card_visa" },
  });
  await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
}
const ready = performance.now();
stdout.write(`${subscriptionCount} subscriptions begun in ${inSeconds(ready - begun)} s\n`);

// An hour more than the months, so that the last renewal is charged too.
const now = Math.floor(Date.now() / 1000);
await advance({ months });
await advance({ to: now + 366 * 86_400 + 7200 });
const took = (performance.now() - ready) / 1000;
const paid = await countPaid();
await sandbox.stop();
stdout.write(
  `${months} months on: ${took.toFixed(1)} s, ${paid} invoices paid (bar: under ${barSeconds} s)\n`,
);
const expected = subscriptionCount * (months + 1);
if (paid !== expected) stdout.write(`expected ${expected} invoices\n`);
exit(took < barSeconds && paid === expected ? 0 : 1);

async function advance(wish: object): Promise<void> {
  const answer = await fetch(`${sandbox.url}/_control/clock/advance`, {
    method: "POST",
    body: JSON.stringify(wish),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

async function countPaid(): Promise<number> {
  let count = 0;
  for await (const _ of stripe.invoices.list({ status: "paid", limit: 100 })) count += 1;
  return count;
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
