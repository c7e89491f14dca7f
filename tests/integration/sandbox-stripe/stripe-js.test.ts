import type { Page } from "playwright";
import type Stripe from "stripe";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createPlan,
  type SandboxClient,
  startSandbox,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { openShop, type Shop } from "#tests/integration/sandbox-stripe/shop-page.ts";

let sandbox: SandboxClient;
let shop: Shop;
let page: Page;
beforeAll(async () => {
  sandbox = await startSandbox();
  shop = await openShop(sandbox.url);
}, 120_000);
afterAll(async () => {
  await shop.stop();
  await sandbox.stop();
});
beforeEach(async () => {
  page = await shop.open();
});
afterEach(() => page.close());

type Outcome = {
  paymentIntent?: Stripe.PaymentIntent;
  setupIntent?: Stripe.SetupIntent;
  error?: { code?: string };
};

/** Runs a script on the merchant page with Stripe as `stripe` and returns its result. */
function run(script: string): Promise<Outcome> {
  return page.evaluate(`(async () => ${script})()`);
}

const bank = () => page.frameLocator('iframe[title="Confirm with your bank"]');
const answerBank = (name: "Complete authentication" | "Fail") => bank().getByRole("button", { name }).click();
const createIntent = (more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  sandbox.stripe.paymentIntents.create({ amount: 1900, currency: "usd", ...more });

async function typeCard(number: string): Promise<void> {
  await page.evaluate(
    'window.elements = stripe.elements(); window.card = elements.create("card"); card.mount("#card")',
  );
  await page.getByLabel("Card number").fill(number);
  await page.getByLabel("MM / YY").fill("12 / 49");
  await page.getByLabel("CVC").fill("123");
}

describe("payments on the merchant's page", () => {
  test("a payment opens the 3-D Secure frame and succeeds when it is approved", async () => {
    const intent = await createIntent();
    await typeCard("4000002760003184");
    const result = run(`stripe.confirmCardPayment("${intent.client_secret}", { payment_method: { card } })`);
    await answerBank("Complete authentication");
    expect((await result).paymentIntent).toMatchObject({ id: intent.id, status: "succeeded", amount: 1900 });
    expect(await page.locator("dialog").count()).toBe(0);
    const paid = await sandbox.stripe.paymentIntents.retrieve(intent.id);
    expect([paid.status, paid.amount_received]).toEqual(["succeeded", 1900]);
  });

  test("a failed 3-D Secure check returns its error and charges nothing", async () => {
    const intent = await createIntent();
    await typeCard("4000002760003184");
    const result = run(`stripe.confirmCardPayment("${intent.client_secret}", { payment_method: { card } })`);
    await answerBank("Fail");
    expect((await result).error?.code).toBe("payment_intent_authentication_failure");
    const failed = await sandbox.stripe.paymentIntents.retrieve(intent.id);
    expect([failed.status, failed.latest_charge]).toEqual(["requires_payment_method", null]);
  });

  test("a declined card returns its decline error", async () => {
    const intent = await createIntent();
    await typeCard("4000000000009995");
    const result = await run(
      `stripe.confirmPayment({ elements, clientSecret: "${intent.client_secret}", redirect: "if_required" })`,
    );
    expect(result.error).toMatchObject({ code: "card_declined", decline_code: "insufficient_funds" });
  });

  test("a redirect payment returns to return_url with the payment intent's id and client secret", async () => {
    const intent = await createIntent();
    await typeCard("4242424242424242");
    void run(`stripe.confirmPayment({ elements, clientSecret: "${intent.client_secret}",
      confirmParams: { return_url: "${shop.url}/thanks" } })`).catch(() => {});
    await page.waitForURL("**/thanks?**");
    const query = new URL(page.url()).searchParams;
    expect([query.get("payment_intent"), query.get("redirect_status")]).toEqual([intent.id, "succeeded"]);
    expect((await sandbox.stripe.paymentIntents.retrieve(intent.id)).status).toBe("succeeded");
  });

  test("paying a first invoice on the page activates the subscription", async () => {
    const { stripe } = sandbox;
    const { month } = await createPlan(stripe, "Embedded", 1900);
    const customer = await stripe.customers.create({ email: "ada@example.com" });
    const subscription = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: month.id }],
      payment_behavior: "default_incomplete",
      expand: ["latest_invoice.confirmation_secret"],
    });
    const invoice = subscription.latest_invoice;
    const secret = typeof invoice === "object" ? invoice?.confirmation_secret?.client_secret : undefined;
    await typeCard("4000002500003155");
    const result = run(`stripe.confirmCardPayment("${secret}", { payment_method: { card } })`);
    await answerBank("Complete authentication");
    expect((await result).paymentIntent?.status).toBe("succeeded");
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe("active");
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toHaveLength(1);
  });

  test("a payment confirmed by the server continues with its pending 3-D Secure check", async () => {
    const intent = await createIntent({ confirm: true, payment_method: "pm_card_authenticationRequired" });
    expect(intent.next_action?.type).toBe("use_stripe_sdk");
    const result = run(`stripe.handleNextAction({ clientSecret: "${intent.client_secret}" })`);
    await answerBank("Complete authentication");
    expect((await result).paymentIntent?.status).toBe("succeeded");
  });

  test("closing the 3-D Secure frame leaves the payment in requires_action", async () => {
    const intent = await createIntent({ confirm: true, payment_method: "pm_card_authenticationRequired" });
    const result = run(`stripe.handleNextAction({ clientSecret: "${intent.client_secret}" })`);
    await bank().getByRole("button", { name: "Fail" }).waitFor();
    await page.locator("dialog").evaluate((dialog: HTMLDialogElement) => dialog.close());
    expect((await result).paymentIntent?.status).toBe("requires_action");
  });
});

describe("cards saved on the merchant's page", () => {
  test("a saved card is authenticated and attached to the customer", async () => {
    const { stripe } = sandbox;
    const customer = await stripe.customers.create({ email: "keep@example.com" });
    const setup = await stripe.setupIntents.create({ customer: customer.id });
    await typeCard("4000002500003155");
    const result = run(`stripe.confirmCardSetup("${setup.client_secret}", { payment_method: { card } })`);
    await answerBank("Complete authentication");
    expect((await result).setupIntent?.status).toBe("succeeded");
    const [saved] = (await stripe.paymentMethods.list({ customer: customer.id })).data;
    expect(saved?.card?.last4).toBe("3155");
  });
});

describe("embedded Checkout", () => {
  let plans = 0;
  const openSession = async (more: Partial<Stripe.Checkout.SessionCreateParams>) => {
    plans += 1;
    const { month } = await createPlan(sandbox.stripe, `Plan ${plans}`, 1900);
    return sandbox.stripe.checkout.sessions.create({
      mode: "subscription",
      ui_mode: "embedded_page",
      line_items: [{ price: month.id, quantity: 1 }],
      ...more,
    });
  };
  const checkout = () => page.frameLocator('iframe[title="Checkout"]');
  const pay = async (number: string) => {
    await checkout().getByLabel("Email").fill("ada@example.com");
    await checkout().getByLabel("Card number").fill(number);
    await checkout().getByLabel("Expiry (MM / YY)").fill("12 / 49");
    await checkout().getByLabel("CVC").fill("123");
    await checkout().getByLabel("Name on card").fill("Ada Lovelace");
    await checkout().getByRole("button", { name: "Subscribe for" }).click();
  };
  const mount = (secret: string | null) =>
    page.evaluate(`(async () => {
      const checkout = await stripe.createEmbeddedCheckoutPage({
        fetchClientSecret: async () => "${secret}",
        onComplete: () => { document.title = "complete"; },
      });
      checkout.mount("#checkout");
    })()`);

  test("embedded Checkout calls onComplete without a redirect", async () => {
    const session = await openSession({ redirect_on_completion: "never" });
    expect([session.url, session.ui_mode]).toEqual([null, "embedded_page"]);
    await mount(session.client_secret);
    await pay("4242424242424242");
    await page.waitForFunction(() => document.title === "complete");
    expect(page.url()).toBe(`${shop.url}/`);
    const done = await sandbox.stripe.checkout.sessions.retrieve(session.id, { expand: ["subscription"] });
    expect(done).toMatchObject({ status: "complete", subscription: { status: "active" } });
  });

  test("embedded Checkout authenticates in its frame, then redirects to return_url", async () => {
    const session = await openSession({ return_url: `${shop.url}/done?session={CHECKOUT_SESSION_ID}` });
    await mount(session.client_secret);
    await pay("4000002760003184");
    await checkout().getByRole("button", { name: "Complete authentication" }).click();
    await page.waitForURL(`**/done?session=${session.id}`);
    expect((await sandbox.stripe.checkout.sessions.retrieve(session.id)).status).toBe("complete");
  });
});

describe("publishable keys", () => {
  const ask = (method: "GET" | "POST", path: string, fields: Record<string, string>) => {
    const form = new URLSearchParams({ key: "pk_test_shop", ...fields });
    return method === "GET"
      ? fetch(`${sandbox.url}${path}?${form}`)
      : fetch(`${sandbox.url}${path}`, { method, body: form });
  };

  test.each([
    ["GET", "/v1/customers"],
    ["POST", "/v1/payment_intents"],
    ["POST", "/v1/refunds"],
    ["GET", "/v1/payment_intents"],
  ] as const)("a publishable key cannot %s %s", async (method, path) => {
    const answer = await ask(method, path, {});
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code: "secret_key_required" } });
  });

  test("a publishable key reads a payment only with its client secret and without customer or merchant fields", async () => {
    const customer = await sandbox.stripe.customers.create({ email: "private@example.com" });
    const intent = await createIntent({ customer: customer.id, metadata: { margin: "high" } });
    const path = `/v1/payment_intents/${intent.id}`;
    expect((await ask("GET", path, {})).status).toBe(400);
    expect((await ask("GET", path, { client_secret: `${intent.id}_secret_wrong` })).status).toBe(404);
    const seen = await ask("GET", path, { client_secret: intent.client_secret ?? "" });
    const shown: object = await seen.json();
    expect(shown).toMatchObject({ id: intent.id, amount: 1900, status: "requires_payment_method" });
    for (const hidden of ["customer", "metadata", "latest_charge"]) expect(shown).not.toHaveProperty(hidden);
  });

  test("a publishable key cannot change confirmation settings of a payment", async () => {
    const intent = await createIntent({ payment_method: "pm_card_visa" });
    const answer = await ask("POST", `/v1/payment_intents/${intent.id}/confirm`, {
      client_secret: intent.client_secret ?? "",
      off_session: "true",
    });
    expect(answer.status).toBe(400);
    const refused = await createIntent({ payment_method: "pm_card_chargeDeclined" });
    const declined = await ask("POST", `/v1/payment_intents/${refused.id}/confirm`, {
      client_secret: refused.client_secret ?? "",
    });
    const body: { error: { payment_intent: object } } = await declined.json();
    expect(body.error.payment_intent).not.toHaveProperty("customer");
  });

  test("cross-origin requests are allowed with a publishable key only", async () => {
    const intent = await createIntent();
    const seen = await ask("GET", `/v1/payment_intents/${intent.id}`, {
      client_secret: intent.client_secret ?? "",
    });
    expect(seen.headers.get("access-control-allow-origin")).toBe("*");
    const secret = await fetch(`${sandbox.url}/v1/customers`, {
      headers: { authorization: "Bearer sk_test_shop" },
    });
    expect([secret.status, secret.headers.get("access-control-allow-origin")]).toEqual([200, null]);
    const fromPage = page.evaluate(
      `fetch("${sandbox.url}/v1/customers", { headers: { authorization: "Bearer sk_test_shop" } })`,
    );
    await expect(fromPage).rejects.toThrow("Failed to fetch");
  });
});
