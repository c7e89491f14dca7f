import { createServer } from "node:http";
import Stripe from "stripe";
import { startStripeSandbox } from "#sandbox/stripe/server.ts";

export type Control = (path: string, params?: object) => Promise<Record<string, unknown>>;
export type SandboxClient = { url: string; stripe: Stripe; control: Control; stop(): Promise<void> };
export type Listener = {
  url: string;
  /** Received events with a valid signature, in order of arrival. */
  received: Stripe.Event[];
  /** The endpoint's response status; 200 by default. */
  status: number;
  stop(): Promise<void>;
};

/**
 * Starts a sandbox for this test and the real SDK connected to it. A frozen clock moves only when it is
 * advanced, so that timestamps can be compared exactly; a running clock is for tests that wait.
 */
export async function startSandbox(clock: "frozen" | "running" = "frozen"): Promise<SandboxClient> {
  const startedAt = Math.floor(Date.now() / 1000);
  const sandbox = await startStripeSandbox({
    port: 0,
    ...(clock === "frozen" ? { wallSeconds: () => startedAt } : {}),
  });
  return {
    url: sandbox.url,
    stripe: clientOf(sandbox.url),
    control: controlOf(sandbox.url),
    stop: sandbox.stop,
  };
}

/** The real SDK, connected to a URL. */
export function clientOf(url: string, key = "sk_test_sandbox000000000000"): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe(key, { host: hostname, port: Number(port), protocol: "http" });
}

/** The control API of a sandbox. */
export function controlOf(url: string): Control {
  return async (path, params) => {
    const response = await fetch(`${url}/_control/${path}`, {
      method: params === undefined ? "GET" : "POST",
      ...(params === undefined ? {} : { body: JSON.stringify(params) }),
    });
    const answer: Record<string, unknown> = await response.json();
    if (!response.ok) throw new Error(`${path}: ${String(answer.error)}`);
    return answer;
  };
}

/** A webhook endpoint that checks signatures with the SDK, registered for every event. */
export async function listen({ stripe }: SandboxClient, enabledEvents: "*"[] = ["*"]): Promise<Listener> {
  let secret = "";
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const signature = String(request.headers["stripe-signature"]);
      // constructEvent throws on an invalid signature; the waiting test then fails.
      const event = stripe.webhooks.constructEvent(Buffer.concat(chunks), signature, secret);
      if (listener.status < 300) listener.received.push(event);
      response.writeHead(listener.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const listener: Listener = {
    url: `http://127.0.0.1:${port}/hook`,
    received: [],
    status: 200,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const endpoint = await stripe.webhookEndpoints.create({ url: listener.url, enabled_events: enabledEvents });
  secret = endpoint.secret ?? "";
  return listener;
}

/** Creates a product with a monthly and a yearly price. */
export async function createPlan(stripe: Stripe, name: string, monthlyCents: number) {
  const product = await stripe.products.create({ name });
  const price = (interval: "month" | "year", cents: number) =>
    stripe.prices.create({
      product: product.id,
      currency: "usd",
      unit_amount: cents,
      recurring: { interval },
      lookup_key: `${name.toLowerCase()}_${interval}`,
    });
  return { product, month: await price("month", monthlyCents), year: await price("year", monthlyCents * 10) };
}

/** Submits a hosted page's form like a browser and follows the redirect of a rejected form. */
export function submitCard(
  pageUrl: string,
  number: string,
  more: Record<string, string> = {},
): Promise<Response> {
  const fields = {
    number,
    expiry: "12 / 49",
    cvc: "123",
    name: "Ada Lovelace",
    email: "ada@example.com",
    ...more,
  };
  return submitForm(pageUrl, fields);
}

/** Submits a form and follows the redirect of a rejected form; other redirects are left to the caller. */
export async function submitForm(pageUrl: string, fields: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams(fields);
  const answer = await fetch(pageUrl, { method: "POST", redirect: "manual", body });
  const next = new URL(answer.headers.get("location") ?? pageUrl, pageUrl);
  return next.searchParams.has("again") ? fetch(next) : answer;
}

/** Buys a plan through hosted Checkout with a valid card. Returns customer and subscription. */
export async function subscribe(
  stripe: Stripe,
  price: string,
  options: { number?: string; trialDays?: number; customer?: string } = {},
): Promise<{ customer: string; subscription: Stripe.Subscription }> {
  const customer = options.customer ?? (await stripe.customers.create({ email: "ada@example.com" })).id;
  const session = await stripe.checkout.sessions.create({
    mode: "subscription",
    customer,
    line_items: [{ price, quantity: 1 }],
    success_url: "http://shop.example/done?session={CHECKOUT_SESSION_ID}",
    cancel_url: "http://shop.example/pricing",
    ...(options.trialDays ? { subscription_data: { trial_period_days: options.trialDays } } : {}),
  });
  const answer = await submitCard(session.url ?? "", options.number ?? "4242424242424242");
  if (answer.status !== 303) throw new Error(`Checkout answered ${answer.status}: ${await answer.text()}`);
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription"] });
  if (done.subscription === null || typeof done.subscription === "string")
    throw new Error("nothing was subscribed");
  return { customer, subscription: done.subscription };
}

/** Sets a customer's default card. */
export async function changeCard(stripe: Stripe, customer: string, readyMade: string): Promise<void> {
  const method = await stripe.paymentMethods.attach(readyMade, { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method.id } });
  for await (const subscription of stripe.subscriptions.list({ customer })) {
    await stripe.subscriptions.update(subscription.id, { default_payment_method: method.id });
  }
}

/** Seconds since 1970 of an ISO date. */
export function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}

/** An ISO date of seconds since 1970, without milliseconds. */
export function iso(at: number | null | undefined): string {
  return new Date((at ?? 0) * 1000).toISOString().replace(".000Z", "Z");
}

/** All objects of a list, by the SDK's auto-pagination. */
export async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const rows: T[] = [];
  for await (const row of list) rows.push(row);
  return rows;
}

/** The SDK error of a failing call. */
export async function failureOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error("the call was expected to fail, and did not");
}

/** Creates a customer with a card that needs no 3-D Secure. @returns the id */
export async function payingCustomer(stripe: Stripe): Promise<string> {
  const { id } = await stripe.customers.create({
    email: "ada@example.com",
    payment_method: "pm_card_visa",
    invoice_settings: { default_payment_method: "pm_card_visa" },
  });
  return id;
}
