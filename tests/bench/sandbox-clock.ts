import { exit, stdout } from "node:process";
import Stripe from "stripe";
import { startStripeSandbox } from "#sandbox/stripe/server.ts";

/**
 * Measures how long the Stripe sandbox takes to advance its clock by a year with 500 monthly subscriptions:
 * every renewal is drafted, finalized and charged, every event created. Fails at 60 s or more on two cores.
 */
const subscriptionCount = 500;
const months = 12;
const barSeconds = 60;

const sandbox = await startStripeSandbox({ port: 0 });
const { hostname, port } = new URL(sandbox.url);
const stripe = new Stripe("sk_test_bench", { host: hostname, port: Number(port), protocol: "http" });

const startedAt = performance.now();
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
stdout.write(`${subscriptionCount} subscriptions created in ${inSeconds(ready - startedAt)} s\n`);

// One hour more than the months, so that the last renewal is charged, too.
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

async function advance(body: object): Promise<void> {
  const response = await fetch(`${sandbox.url}/_control/clock/advance`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
}

async function countPaid(): Promise<number> {
  let count = 0;
  for await (const _ of stripe.invoices.list({ status: "paid", limit: 100 })) count += 1;
  return count;
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
