import { appendFileSync, mkdirSync } from "node:fs";
import Stripe from "stripe";
import { test } from "vitest";
import { startSandbox } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

/** The environment of a scenario: Stripe's API and time, in the sandbox or at Stripe. */
export type ScenarioWorld = {
  stripe: Stripe;
  /** Advances a test clock and resolves when its scheduled work is done. */
  advance(clock: string, to: number): Promise<void>;
  /** Completes 3-D Secure for a payment; null at Stripe, where only a browser can. */
  authenticate: ((intent: Stripe.PaymentIntent) => Promise<void>) | null;
  stop(): Promise<void>;
};
/** A customer with a card and a test clock. */
export type Subscriber = { clock: string; customer: string; card: string };
type Prices = { month: string; year: string; big: string };

const parityKey = process.env.STRIPE_PARITY_KEY;
const realTimeoutMs = 900_000;
export const day = 86_400;

/**
 * Runs a scenario in the sandbox, and also at Stripe if STRIPE_PARITY_KEY contains a test key. Without the
 * key the second run is reported as skipped; with it the result is added to test-results/stripe-parity.md.
 */
export function scenario(name: string, run: (world: ScenarioWorld) => Promise<void>): void {
  test(name, async () => {
    const world = await openSandbox();
    try {
      await run(world);
    } finally {
      await world.stop();
    }
  });
  test.skipIf(parityKey === undefined)(
    `${name} (on the real Stripe; needs STRIPE_PARITY_KEY)`,
    async () => {
      try {
        await run(openReal(parityKey ?? ""));
        report(name, "same");
      } catch (error) {
        report(name, error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
        throw error;
      }
    },
    realTimeoutMs,
  );
}

/** Creates a customer with a card on a new test clock. */
export async function begin(
  { stripe }: ScenarioWorld,
  at: string,
  readyMade = "pm_card_visa",
): Promise<Subscriber> {
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: seconds(at) });
  const customer = await stripe.customers.create({ test_clock: clock.id, email: "ada@example.com" });
  const card = await giveCard({ stripe }, customer.id, readyMade);
  return { clock: clock.id, customer: customer.id, card };
}

/** Sets a customer's default card. */
export async function giveCard(
  { stripe }: Pick<ScenarioWorld, "stripe">,
  customer: string,
  readyMade: string,
): Promise<string> {
  const { id } = await stripe.paymentMethods.attach(readyMade, { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
  return id;
}

/** A plan for $19 a month or $190 a year, and a higher one for $99 a month. */
export async function createPrices({ stripe }: ScenarioWorld): Promise<Prices> {
  const product = await stripe.products.create({ name: "Pro" });
  const price = async (cents: number, interval: "month" | "year") => {
    const params = { product: product.id, currency: "usd", unit_amount: cents, recurring: { interval } };
    return (await stripe.prices.create(params)).id;
  };
  return {
    month: await price(1900, "month"),
    year: await price(19_000, "year"),
    big: await price(9900, "month"),
  };
}

/** The invoices of a subscription, oldest first. */
export async function invoicesOf({ stripe }: ScenarioWorld, subscription: string): Promise<Stripe.Invoice[]> {
  return (await stripe.invoices.list({ subscription, limit: 100 })).data.reverse();
}

/** The latest invoice of a subscription, with its payment. */
export async function latestInvoice(
  { stripe }: ScenarioWorld,
  subscription: string,
): Promise<Stripe.Invoice> {
  const { latest_invoice: invoice } = await stripe.subscriptions.retrieve(subscription);
  return stripe.invoices.retrieve(String(invoice), { expand: ["payments.data.payment.payment_intent"] });
}

/** The payment intent of an invoice. */
export function paymentOf(invoice: Stripe.Invoice): Stripe.PaymentIntent {
  const intent = invoice.payments?.data[0]?.payment.payment_intent;
  if (intent === undefined || typeof intent === "string") throw new Error("the invoice has no payment");
  return intent;
}

/** The only item of a subscription. */
export function itemOf(subscription: Stripe.Subscription): Stripe.SubscriptionItem {
  const [item] = subscription.items.data;
  if (!item) throw new Error("the subscription has no item");
  return item;
}

/** Seconds since 1970 of an ISO date. */
export function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}

async function openSandbox(): Promise<ScenarioWorld> {
  const sandbox = await startSandbox();
  const { stripe } = sandbox;
  return {
    stripe,
    advance: (clock, to) => advanceClock(stripe, clock, to, 0),
    authenticate: async (intent) => {
      const page = intent.next_action?.redirect_to_url?.url;
      if (!page) throw new Error("the payment asks for nothing");
      await fetch(page, {
        method: "POST",
        redirect: "manual",
        body: new URLSearchParams({ outcome: "complete" }),
      });
    },
    stop: sandbox.stop,
  };
}

function openReal(key: string): ScenarioWorld {
  if (!key.startsWith("sk_test_")) throw new Error("STRIPE_PARITY_KEY must be a test key");
  const stripe = new Stripe(key);
  return {
    stripe,
    advance: (clock, to) => advanceClock(stripe, clock, to, 2000),
    authenticate: null,
    stop: async () => {},
  };
}

/** Stripe responds before the work is done; the clock's status shows its completion. */
async function advanceClock(stripe: Stripe, clock: string, to: number, pollMs: number): Promise<void> {
  await stripe.testHelpers.testClocks.advance(clock, { frozen_time: to });
  for (;;) {
    const { status } = await stripe.testHelpers.testClocks.retrieve(clock);
    if (status === "ready") return;
    if (status === "internal_failure") throw new Error(`the clock ${clock} failed`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function report(name: string, outcome: string): void {
  mkdirSync("test-results", { recursive: true });
  appendFileSync("test-results/stripe-parity.md", `| ${name} | ${outcome.replaceAll("|", "/")} |\n`);
}
