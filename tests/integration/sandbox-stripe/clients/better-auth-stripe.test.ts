import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  receiveWebhooks,
  type WebhookServer,
} from "#tests/integration/sandbox-stripe/clients/webhook-server.ts";
import {
  changeCard,
  createPlan,
  type SandboxClient,
  startSandbox,
  submitCard,
  submitForm,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

const baseUrl = "http://shop.example";
type Plan = Awaited<ReturnType<typeof createPlan>>;
type Row = Record<string, unknown>;

let sandbox: SandboxClient;
let stripe: Stripe;
let webhooks: WebhookServer;
let pro: Plan;
let team: Plan;
/** The tables of better-auth, in memory. */
const tables: Record<string, Row[]> = {
  user: [],
  session: [],
  account: [],
  verification: [],
  subscription: [],
};
let handle: (request: Request) => Promise<Response>;
let cookie = "";

/** Calls an endpoint of better-auth as the signed-in person. */
async function call(path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await handle(
    new Request(`${baseUrl}/api/auth${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { "content-type": "application/json", origin: baseUrl, cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const cookies = response.headers.getSetCookie().map((each) => each.split(";")[0]);
  if (cookies.length > 0) cookie = cookies.join("; ");
  return { status: response.status, body: await response.json() };
}

/** The person's subscription as better-auth stored it from webhooks. */
async function storedSubscription(): Promise<Row> {
  await sandbox.control("flush", {});
  const [row] = tables.subscription ?? [];
  if (!row) throw new Error("better-auth stored no subscription");
  return row;
}

beforeAll(async () => {
  sandbox = await startSandbox();
  ({ stripe } = sandbox);
  [pro, team] = [await createPlan(stripe, "Pro", 1900), await createPlan(stripe, "Team", 3000)];
  webhooks = await receiveWebhooks(stripe, async (payload, signature) => {
    const request = new Request(`${baseUrl}/api/auth/stripe/webhook`, {
      method: "POST",
      headers: { "stripe-signature": signature },
      body: new Uint8Array(payload),
    });
    const response = await handle(request);
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  });
  // Loaded here, because only this file needs the packages.
  const { betterAuth } = await import("better-auth");
  const { memoryAdapter } = await import("better-auth/adapters/memory");
  const { stripe: stripePlugin } = await import("@better-auth/stripe");
  const auth = betterAuth({
    baseURL: baseUrl,
    secret: "a-secret-of-this-test-that-is-long-enough",
    database: memoryAdapter(tables),
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    plugins: [
      stripePlugin({
        stripeClient: stripe,
        stripeWebhookSecret: webhooks.secret,
        createCustomerOnSignUp: true,
        subscription: {
          enabled: true,
          plans: [
            { name: "pro", priceId: pro.month.id, annualDiscountPriceId: pro.year.id },
            { name: "team", lookupKey: "team_month" },
          ],
        },
      }),
    ],
  });
  handle = auth.handler;
  await allowPlanChanges();
});
afterAll(async () => {
  await webhooks.stop();
  await sandbox.stop();
});

/** The account's default portal configuration offers both plans, as the plugin's documentation asks. */
async function allowPlanChanges(): Promise<void> {
  const { id: customer } = await stripe.customers.create({});
  const { configuration } = await stripe.billingPortal.sessions.create({ customer });
  await stripe.billingPortal.configurations.update(String(configuration), {
    features: {
      subscription_update: {
        enabled: true,
        default_allowed_updates: ["price", "quantity"],
        proration_behavior: "always_invoice",
        products: [pro, team].map(({ product, month }) => ({ product: product.id, prices: [month.id] })),
      },
    },
  });
}

describe("@better-auth/stripe against the sandbox", () => {
  test("P: better-auth creates a customer at sign-up and sells a plan through Checkout", async () => {
    const person = { name: "Ada", email: "ada@example.com", password: "correct horse battery" };
    expect((await call("/sign-up/email", person)).status).toBe(200);
    const found = await stripe.customers.search({ query: 'email:"ada@example.com"' });
    expect(found.data[0]?.id).toBe(tables.user?.[0]?.stripeCustomerId);
    const upgrade = { plan: "pro", successUrl: "/done", cancelUrl: "/pricing", disableRedirect: true };
    const { body } = await call("/subscription/upgrade", upgrade);
    expect((await submitCard(String(body.url), "4242424242424242")).status).toBe(303);
    const row = await storedSubscription();
    const subscription = await stripe.subscriptions.retrieve(String(row.stripeSubscriptionId));
    const [item] = subscription.items.data;
    expect(row).toMatchObject({
      plan: "pro",
      status: "active",
      seats: 1,
      stripeCustomerId: subscription.customer,
    });
    expect(row.periodEnd).toEqual(new Date((item?.current_period_end ?? 0) * 1000));
    expect((await call("/subscription/list")).body).toMatchObject([{ plan: "pro", status: "active" }]);
  });

  test("P1: better-auth changes plan and seats in the portal, with one invoice for all seats", async () => {
    const upgrade = {
      plan: "team",
      seats: 3,
      successUrl: "/done",
      cancelUrl: "/pricing",
      returnUrl: "/billing",
    };
    const { body } = await call("/subscription/upgrade", { ...upgrade, disableRedirect: true });
    const row = await storedSubscription();
    const subscription = String(row.stripeSubscriptionId);
    const form = { action: "change", subscription, price: team.month.id };
    expect((await submitForm(String(body.url), form)).status).toBe(303);
    expect(await storedSubscription()).toMatchObject({ plan: "team", seats: 3, status: "active" });
    const { latest_invoice: invoice } = await stripe.subscriptions.retrieve(subscription, {
      expand: ["latest_invoice"],
    });
    expect(invoice).toMatchObject({ status: "paid", total: 9000 - 1900 });
  });

  test("P2: better-auth cancels in the portal once, and restores", async () => {
    const cancel = { returnUrl: "/billing", disableRedirect: true };
    const { body } = await call("/subscription/cancel", cancel);
    const subscription = String((await storedSubscription()).stripeSubscriptionId);
    await submitForm(String(body.url), { action: "cancel", subscription });
    const pending = await storedSubscription();
    expect(pending.cancelAt).toEqual(pending.periodEnd);
    const again = await call("/subscription/cancel", cancel);
    expect([again.status, again.body.message]).toEqual([
      400,
      expect.stringContaining("already set to be canceled"),
    ]);
    expect((await call("/subscription/restore", {})).status).toBe(200);
    expect(await storedSubscription()).toMatchObject({ cancelAt: null, cancelAtPeriodEnd: false });
  });

  test("P: better-auth schedules a downgrade, which takes effect at the period end", async () => {
    const downgrade = { plan: "pro", successUrl: "/done", cancelUrl: "/pricing", returnUrl: "/billing" };
    const answer = await call("/subscription/upgrade", {
      ...downgrade,
      scheduleAtPeriodEnd: true,
      disableRedirect: true,
    });
    expect(answer.status).toBe(200);
    expect((await storedSubscription()).plan).toBe("team");
    await sandbox.control("clock/advance", { months: 1 });
    await sandbox.control("clock/advance", { seconds: 3600 });
    expect(await storedSubscription()).toMatchObject({ plan: "pro", seats: 1, status: "active" });
  });

  test("P: better-auth follows a failed renewal and the end of the subscription", async () => {
    const customer = String(tables.user?.[0]?.stripeCustomerId);
    await changeCard(stripe, customer, "pm_card_chargeCustomerFail");
    await sandbox.control("clock/advance", { months: 1 });
    await sandbox.control("clock/advance", { seconds: 3600 });
    expect((await storedSubscription()).status).toBe("past_due");
    await sandbox.control("clock/advance", { seconds: 15 * 86_400 });
    expect(await storedSubscription()).toMatchObject({ status: "canceled" });
    expect(webhooks.errors).toEqual([]);
  });
});
