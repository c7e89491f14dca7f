import { createServer } from "node:http";
import Stripe from "stripe";
import { startStripeSandbox } from "#sandbox/stripe/server.ts";

export type Control = (path: string, wishes?: object) => Promise<Record<string, unknown>>;
export type SandboxClient = { url: string; stripe: Stripe; control: Control; stop(): Promise<void> };
export type Listener = {
  url: string;
  /** Events that arrived with a good signature, in order of arrival. */
  received: Stripe.Event[];
  /** What the endpoint answers; 200 unless set. */
  status: number;
  stop(): Promise<void>;
};

/**
 * A sandbox of this test's own, with the real SDK pointed at it. Its clock stands still until it is turned, so that moments
 * can be compared to the second however long the calls between them take; or it runs, for a test that waits for its time.
 */
export async function startSandbox(clock: "standing" | "running" = "standing"): Promise<SandboxClient> {
  const startedAt = Math.floor(Date.now() / 1000);
  const sandbox = await startStripeSandbox({
    port: 0,
    ...(clock === "standing" ? { wallSeconds: () => startedAt } : {}),
  });
  return {
    url: sandbox.url,
    stripe: clientOf(sandbox.url),
    control: controlOf(sandbox.url),
    stop: sandbox.stop,
  };
}

/** The real SDK, pointed at an address. */
export function clientOf(url: string, key = "sk_test_sandbox000000000000"): Stripe {
  const { hostname, port } = new URL(url);
  return new Stripe(key, { host: hostname, port: Number(port), protocol: "http" });
}

/** The control API of a sandbox. */
export function controlOf(url: string): Control {
  return async (path, wishes) => {
    const response = await fetch(`${url}/_control/${path}`, {
      method: wishes === undefined ? "GET" : "POST",
      ...(wishes === undefined ? {} : { body: JSON.stringify(wishes) }),
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
      // constructEvent throws on a bad signature, which would answer nothing and fail the test that waits for it.
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

/** A product with a monthly and a yearly price, as a shop would have. */
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

/** Sends a hosted page's form, as a browser would, and looks at the form again when it was not taken. */
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

/** Sends a form, and looks at its page again when it was not taken; where else it leads to is for the caller to follow. */
export async function submitForm(pageUrl: string, fields: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams(fields);
  const answer = await fetch(pageUrl, { method: "POST", redirect: "manual", body });
  const next = new URL(answer.headers.get("location") ?? pageUrl, pageUrl);
  return next.searchParams.has("again") ? fetch(next) : answer;
}

/** Buys a plan through hosted Checkout with the card that pays; returns customer and subscription. */
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

/** Gives a customer a card to be charged on from now on. */
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

/** Everything a list holds, through the SDK's own paging. */
export async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const rows: T[] = [];
  for await (const row of list) rows.push(row);
  return rows;
}

/** The error a call ends with, as the SDK's. */
export async function failureOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error("the call was expected to fail, and did not");
}

/** A customer with a card that is charged without asking. @returns the id */
export async function payingCustomer(stripe: Stripe): Promise<string> {
  const { id } = await stripe.customers.create({
    email: "ada@example.com",
    payment_method: "pm_card_visa",
    invoice_settings: { default_payment_method: "pm_card_visa" },
  });
  return id;
}
