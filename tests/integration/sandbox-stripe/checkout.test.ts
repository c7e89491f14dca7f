import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  all,
  createPlan,
  failureOf,
  type SandboxClient,
  startSandbox,
  submitCard,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let plan: Awaited<ReturnType<typeof createPlan>>;
beforeAll(async () => {
  sandbox = await startSandbox();
  plan = await createPlan(sandbox.stripe, "Pro", 1900);
});
afterAll(() => sandbox.stop());

async function openSession(more: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  const session = await sandbox.stripe.checkout.sessions.create({
    mode: "subscription",
    line_items: [{ price: plan.month.id, quantity: 1 }],
    success_url: "http://shop.example/done?session={CHECKOUT_SESSION_ID}",
    cancel_url: "http://shop.example/pricing",
    ...more,
  });
  return { id: session.id, url: session.url ?? "" };
}

const eventTypes = async () =>
  (await all(sandbox.stripe.events.list({ limit: 100 }))).map((event) => event.type);

describe("a first payment", () => {
  test("paying creates one subscription, invoice and payment and redirects with the session id", async () => {
    const { stripe } = sandbox;
    const customer = await stripe.customers.create({ email: "first@example.com" });
    const { id, url } = await openSession({
      customer: customer.id,
      client_reference_id: "workspace-1",
      metadata: { kind: "plan" },
      subscription_data: { metadata: { workspace: "1" } },
    });
    const shown = await (await fetch(url)).text();
    for (const text of [
      "Sandbox",
      "Pro",
      "$19.00 / month",
      "first@example.com",
      'autocomplete="cc-number"',
    ]) {
      expect(shown).toContain(text);
    }
    const paid = await submitCard(url, "4242 4242 4242 4242");
    expect(paid.status).toBe(303);
    expect(paid.headers.get("location")).toBe(`http://shop.example/done?session=${id}`);

    const session = await stripe.checkout.sessions.retrieve(id, {
      expand: ["subscription", "invoice", "line_items"],
    });
    expect(session).toMatchObject({
      status: "complete",
      payment_status: "paid",
      amount_total: 1900,
      client_reference_id: "workspace-1",
      url: null,
      customer: customer.id,
      subscription: { status: "active", metadata: { workspace: "1" }, cancel_at_period_end: false },
      invoice: { status: "paid", total: 1900, amount_paid: 1900, billing_reason: "subscription_create" },
      line_items: { data: [{ amount_total: 1900, quantity: 1 }] },
    });
    const [charge] = (await stripe.charges.list({ customer: customer.id })).data;
    expect(charge).toMatchObject({
      amount: 1900,
      status: "succeeded",
      payment_method_details: { card: { last4: "4242" } },
    });
  });

  test("submitting twice buys once and redirects to the same URL", async () => {
    const { stripe } = sandbox;
    const customer = await stripe.customers.create({ email: "double@example.com" });
    const { url } = await openSession({ customer: customer.id });
    const Xs = await Promise.all([submitCard(url, "4242424242424242"), submitCard(url, "4242424242424242")]);
    const places = Xs.map((answer) => answer.headers.get("location"));
    expect(places[0]).toBe(places[1]);
    expect((await stripe.subscriptions.list({ customer: customer.id })).data).toHaveLength(1);
    expect((await stripe.charges.list({ customer: customer.id })).data).toHaveLength(1);
    expect(await (await fetch(url)).text()).toContain("already completed this payment");
  });

  test("a buyer without a customer becomes a customer with the entered email", async () => {
    const { id, url } = await openSession();
    await submitCard(url, "4242424242424242", { email: "new@example.com" });
    const session = await sandbox.stripe.checkout.sessions.retrieve(id, { expand: ["customer"] });
    expect(session.customer).toMatchObject({ email: "new@example.com" });
    expect(session.customer_details?.email).toBe("new@example.com");
  });

  test("the page escapes text from outside", async () => {
    const customer = await sandbox.stripe.customers.create({
      email: "a@b.example",
      name: '"><script>alert(1)</script>',
    });
    const { url } = await openSession({ customer: customer.id });
    expect(await (await fetch(url)).text()).not.toContain("<script>alert");
  });
});

describe("cards that fail", () => {
  test.each([
    ["4000000000000002", "Your card was declined.", "card_declined", "generic_decline"],
    ["4000000000009995", "Your card has insufficient funds.", "card_declined", "insufficient_funds"],
    ["4000000000000341", "Your card was declined.", "card_declined", "generic_decline"],
  ])(
    "%s is declined with its message and buys nothing; another card can pay",
    async (number, text, code, declineCode) => {
      const { stripe } = sandbox;
      const customer = await stripe.customers.create({ email: `refused-${number}@example.com` });
      const { id, url } = await openSession({ customer: customer.id });
      const refused = await submitCard(url, number);
      expect(refused.status).toBe(200);
      expect(await refused.text()).toContain(text);
      expect((await stripe.subscriptions.list({ customer: customer.id, status: "all" })).data).toEqual([]);
      const [intent] = (await stripe.paymentIntents.list({ customer: customer.id })).data;
      expect(intent?.last_payment_error).toMatchObject({ code, decline_code: declineCode });
      expect((await stripe.checkout.sessions.retrieve(id)).status).toBe("open");

      expect((await submitCard(url, "4242424242424242")).status).toBe(303);
      const intents = (await stripe.paymentIntents.list({ customer: customer.id })).data;
      expect(intents.map((row) => row.status)).toEqual(["succeeded"]);
    },
  );

  test.each([
    ["a number that is no test card", "4111111111111111", {}, "Use a test card"],
    ["an expiry in the past", "4242424242424242", { expiry: "01 / 20" }, "in the past"],
    ["a short CVC", "4242424242424242", { cvc: "1" }, "security code is incomplete"],
    ["no e-mail", "4242424242424242", { email: "nobody" }, "email is incomplete"],
  ])("%s is reported before anything is charged", async (_name, number, more, text) => {
    const before = (await eventTypes()).length;
    const { url } = await openSession();
    const answer = await submitCard(url, number, more);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain(text);
    expect((await eventTypes()).length).toBe(before);
  });
});

describe("3-D Secure", () => {
  const authenticate = (url: string, outcome: "complete" | "fail") =>
    fetch(url, { method: "POST", redirect: "manual", body: new URLSearchParams({ outcome }) });

  test("confirming 3-D Secure completes the purchase", async () => {
    const { id, url } = await openSession();
    const challenge = await submitCard(url, "4000002500003155");
    const bank = challenge.headers.get("location") ?? "";
    expect(bank).toContain("/authenticate/");
    expect(await (await fetch(bank)).text()).toContain("Complete authentication");
    expect((await sandbox.stripe.checkout.sessions.retrieve(id)).status).toBe("open");
    const done = await authenticate(bank, "complete");
    expect(done.headers.get("location")).toContain(`session=${id}`);
    const session = await sandbox.stripe.checkout.sessions.retrieve(id, { expand: ["subscription"] });
    expect(session).toMatchObject({ status: "complete", subscription: { status: "active" } });
  });

  test("failing 3-D Secure buys nothing and shows the reason", async () => {
    const { id, url } = await openSession();
    const challenge = await submitCard(url, "4000002760003184");
    const failed = await authenticate(challenge.headers.get("location") ?? "", "fail");
    const again = await fetch(new URL(failed.headers.get("location") ?? "", url));
    expect(await again.text()).toContain("unable to authenticate");
    expect((await sandbox.stripe.checkout.sessions.retrieve(id)).status).toBe("open");
  });
});

describe("Checkout sessions", () => {
  test("an expired session cannot be paid and says so", async () => {
    const { stripe } = sandbox;
    const { id, url } = await openSession();
    expect((await stripe.checkout.sessions.expire(id)).status).toBe("expired");
    expect((await submitCard(url, "4242424242424242")).status).toBe(410);
    expect(await (await fetch(url)).text()).toContain("expired");
    expect((await failureOf(stripe.checkout.sessions.expire(id))).statusCode).toBe(400);
    expect(await eventTypes()).toContain("checkout.session.expired");
  });

  test("an open session expires after 24 hours and not before", async () => {
    const { id } = await openSession();
    await sandbox.control("clock/advance", { seconds: 86_400 - 60 });
    expect((await sandbox.stripe.checkout.sessions.retrieve(id)).status).toBe("open");
    await sandbox.control("clock/advance", { seconds: 60 });
    expect((await sandbox.stripe.checkout.sessions.retrieve(id)).status).toBe("expired");
  });

  test("a session with a trial charges nothing and starts a trialing subscription", async () => {
    const { stripe } = sandbox;
    const { id, url } = await openSession({ subscription_data: { trial_period_days: 14 } });
    expect(await (await fetch(url)).text()).toContain("14 days free");
    await submitCard(url, "4242424242424242");
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ["subscription", "invoice"] });
    expect(session).toMatchObject({
      payment_status: "no_payment_required",
      amount_total: 0,
      subscription: { status: "trialing" },
      invoice: { total: 0, status: "paid" },
    });
  });

  test("a payment session charges once and creates an invoice when requested", async () => {
    const { stripe } = sandbox;
    const product = await stripe.products.create({ name: "Top-up" });
    const price = await stripe.prices.create({ product: product.id, currency: "usd", unit_amount: 1000 });
    const customer = await stripe.customers.create({ email: "topup@example.com" });
    const session = await stripe.checkout.sessions.create({
      mode: "payment",
      customer: customer.id,
      line_items: [{ price: price.id, quantity: 2 }],
      invoice_creation: { enabled: true },
      payment_intent_data: { metadata: { topup: "yes" } },
      success_url: "http://shop.example/done",
    });
    await submitCard(session.url ?? "", "4242424242424242");
    const done = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ["payment_intent", "invoice"],
    });
    expect(done).toMatchObject({
      status: "complete",
      payment_status: "paid",
      payment_intent: { amount: 2000, status: "succeeded", metadata: { topup: "yes" } },
      invoice: { total: 2000, status: "paid" },
      subscription: null,
    });
  });

  test("a recurring price is rejected in payment mode", async () => {
    const error = await failureOf(openSession({ mode: "payment" }));
    expect(error.message).toContain("recurring price");
  });
});

test.each([
  ["a part", -500, "Subscribe for $14.00", [1400]],
  ["all", -2500, "Subscribe for $0.00", []],
])(
  "a credit balance pays %s of the first invoice and the card pays the rest, as the page states",
  async (_what, balance, label, charged) => {
    const { stripe } = sandbox;
    const customer = await stripe.customers.create({ email: "credit@example.com", balance });
    const { id, url } = await openSession({ customer: customer.id });
    const page = await (await fetch(url)).text();
    expect(page).toContain(label);
    expect(page).toContain("Applied balance");
    expect((await submitCard(url, "4242424242424242")).status).toBe(303);
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({
      status: "complete",
      amount_total: 1900,
    });
    const { data: charges } = await stripe.charges.list({ customer: customer.id });
    expect(charges.map(({ amount }) => amount)).toEqual(charged);
    const { data: invoices } = await stripe.invoices.list({ customer: customer.id });
    expect(invoices).toMatchObject([
      { status: "paid", total: 1900, amount_paid: 1900 + Math.max(balance, -1900) },
    ]);
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({
      balance: Math.min(0, balance + 1900),
    });
  },
);
