import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  all,
  clientOf,
  createPlan,
  failureOf,
  type SandboxClient,
  seconds,
  startSandbox,
  submitCard,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

const create = (more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  sandbox.stripe.paymentIntents.create({ amount: 2000, currency: "usd", ...more });
/** The types of the events about one object, oldest first. */
async function eventsOf(id: string): Promise<string[]> {
  const events = await all(sandbox.stripe.events.list({ limit: 100 }));
  return events
    .filter((event) => "id" in event.data.object && event.data.object.id === id)
    .map((event) => event.type)
    .reverse();
}
const bank = async (intent: Stripe.PaymentIntent | Stripe.SetupIntent, outcome: "complete" | "fail") =>
  fetch(`${sandbox.url}/authenticate/${intent.client_secret}`, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({ outcome }),
  });

describe("payments through the API", () => {
  test("a payment intent moves from requires_payment_method to succeeded", async () => {
    const { stripe } = sandbox;
    const intent = await create();
    expect(intent.status).toBe("requires_payment_method");
    const chosen = await stripe.paymentIntents.update(intent.id, { payment_method: "pm_card_visa" });
    expect(chosen.status).toBe("requires_confirmation");
    const paid = await stripe.paymentIntents.confirm(intent.id, {
      expand: ["latest_charge.balance_transaction"],
    });
    expect(paid).toMatchObject({
      status: "succeeded",
      amount_received: 2000,
      latest_charge: { paid: true, balance_transaction: { amount: 2000, fee: 88, net: 1912 } },
    });
    expect(await eventsOf(intent.id)).toEqual(["payment_intent.created", "payment_intent.succeeded"]);
    const again = await failureOf(stripe.paymentIntents.confirm(intent.id));
    expect(again.code).toBe("payment_intent_unexpected_state");
  });

  test("a declined payment fails the call and can be retried", async () => {
    const { stripe } = sandbox;
    const refusal = await failureOf(
      create({ confirm: true, payment_method: "pm_card_visa_chargeDeclinedInsufficientFunds" }),
    );
    expect([refusal.statusCode, refusal.code, refusal.decline_code]).toEqual([
      402,
      "card_declined",
      "insufficient_funds",
    ]);
    const id = refusal.payment_intent?.id ?? "";
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({ status: "requires_payment_method" });
    const paid = await stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa" });
    expect([paid.status, paid.last_payment_error]).toEqual(["succeeded", null]);
    expect((await stripe.charges.list({ payment_intent: id })).data.map(({ status }) => status)).toEqual([
      "succeeded",
      "failed",
    ]);
  });

  test("an authorized payment is captured partially, once", async () => {
    const { stripe } = sandbox;
    const held = await create({ confirm: true, payment_method: "pm_card_visa", capture_method: "manual" });
    expect([held.status, held.amount_capturable, held.amount_received]).toEqual([
      "requires_capture",
      2000,
      0,
    ]);
    const captured = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1500 });
    expect([captured.status, captured.amount_capturable, captured.amount_received]).toEqual([
      "succeeded",
      0,
      1500,
    ]);
    const charge = await stripe.charges.retrieve(String(held.latest_charge));
    expect([charge.captured, charge.amount_captured]).toEqual([true, 1500]);
    expect((await failureOf(stripe.paymentIntents.capture(held.id))).code).toBe(
      "payment_intent_unexpected_state",
    );
    const refund = await stripe.refunds.create({ charge: charge.id });
    expect(refund.amount).toBe(1500);
  });

  test("an authorized payment that is canceled or expires after a week charges nothing", async () => {
    const { stripe } = sandbox;
    const canceled = await create({
      confirm: true,
      payment_method: "pm_card_visa",
      capture_method: "manual",
    });
    await stripe.paymentIntents.cancel(canceled.id, { cancellation_reason: "requested_by_customer" });
    const left = await create({ confirm: true, payment_method: "pm_card_visa", capture_method: "manual" });
    await sandbox.control("clock/advance", { seconds: 7 * 86_400 });
    for (const [{ id }, reason] of [
      [canceled, "requested_by_customer"],
      [left, "automatic"],
    ] as const) {
      const intent = await stripe.paymentIntents.retrieve(id, { expand: ["latest_charge"] });
      expect(intent).toMatchObject({
        status: "canceled",
        cancellation_reason: reason,
        latest_charge: { captured: false, amount_captured: 0, refunded: true },
      });
    }
    expect(await eventsOf(String(left.latest_charge))).toEqual([
      "charge.succeeded",
      "charge.expired",
      "charge.refunded",
    ]);
  });

  test("a 3-D Secure payment redirects back with its result", async () => {
    const intent = await create({
      confirm: true,
      payment_method: "pm_card_authenticationRequired",
      return_url: "http://shop.example/back?cart=7",
    });
    expect([intent.status, intent.next_action?.type]).toEqual(["requires_action", "redirect_to_url"]);
    const back = new URL((await bank(intent, "complete")).headers.get("location") ?? "");
    expect(back.searchParams.get("cart")).toBe("7");
    expect(back.searchParams.get("payment_intent")).toBe(intent.id);
    expect(back.searchParams.get("redirect_status")).toBe("succeeded");
    expect((await sandbox.stripe.paymentIntents.retrieve(intent.id)).status).toBe("succeeded");
  });

  test("a manually confirmed payment is confirmed by the server after one authentication", async () => {
    const intent = await create({
      confirm: true,
      confirmation_method: "manual",
      payment_method: "pm_card_authenticationRequired",
    });
    await bank(intent, "complete");
    expect((await sandbox.stripe.paymentIntents.retrieve(intent.id)).status).toBe("requires_confirmation");
    expect((await sandbox.stripe.paymentIntents.confirm(intent.id)).status).toBe("succeeded");
  });

  test("an off-session payment that requires authentication is declined", async () => {
    const { stripe } = sandbox;
    const customer = await stripe.customers.create({ email: "away@example.com" });
    const card = await stripe.paymentMethods.attach("pm_card_authenticationRequired", {
      customer: customer.id,
    });
    const refusal = await failureOf(
      create({ confirm: true, off_session: true, customer: customer.id, payment_method: card.id }),
    );
    expect([refusal.code, refusal.payment_intent?.status]).toEqual([
      "authentication_required",
      "requires_payment_method",
    ]);
  });

  test("setup_future_usage attaches the card to the customer", async () => {
    const { stripe } = sandbox;
    const customer = await stripe.customers.create({ email: "later@example.com" });
    const paid = await create({
      confirm: true,
      customer: customer.id,
      payment_method: "pm_card_visa",
      setup_future_usage: "off_session",
    });
    const [saved] = (await stripe.paymentMethods.list({ customer: customer.id })).data;
    expect(saved?.id).toBe(paid.payment_method);
    const foreign = await failureOf(create({ confirm: true, payment_method: saved?.id ?? "" }));
    expect(foreign.param).toBe("payment_method");
  });

  test("a direct debit is processing until the bank responds", async () => {
    const { stripe } = sandbox;
    const debit = async (iban: string) => {
      const method = await stripe.paymentMethods.create({
        type: "sepa_debit",
        sepa_debit: { iban },
        billing_details: { name: "Ada", email: "ada@example.com" },
      });
      return create({
        currency: "eur",
        confirm: true,
        payment_method: method.id,
        allowed_payment_method_types: ["sepa_debit"],
      });
    };
    const [pays, bounces] = [await debit("AT321904300235473204"), await debit("AT051904300235473205")];
    expect([pays.status, bounces.status]).toEqual(["processing", "processing"]);
    await sandbox.control("clock/advance", { seconds: 180 });
    const { status, amount_received } = await stripe.paymentIntents.retrieve(pays.id);
    expect([status, amount_received]).toEqual(["succeeded", 2000]);
    expect(await stripe.paymentIntents.retrieve(bounces.id)).toMatchObject({
      status: "requires_payment_method",
      last_payment_error: { code: "payment_intent_payment_attempt_failed" },
    });
  });

  test("a bank transfer waits for the full amount and accepts partial transfers", async () => {
    const { stripe } = sandbox;
    const customer = await stripe.customers.create({ email: "transfer@example.com" });
    const intent = await create({
      currency: "eur",
      customer: customer.id,
      confirm: true,
      allowed_payment_method_types: ["customer_balance"],
      payment_method_data: { type: "customer_balance" },
      payment_method_options: {
        customer_balance: { funding_type: "bank_transfer", bank_transfer: { type: "eu_bank_transfer" } },
      },
    });
    const left = async () => {
      const { status, next_action: action } = await stripe.paymentIntents.retrieve(intent.id);
      return [status, action?.display_bank_transfer_instructions?.amount_remaining];
    };
    const fund = (amount: number) =>
      stripe.testHelpers.customers.fundCashBalance(customer.id, { amount, currency: "eur" });
    expect(await left()).toEqual(["requires_action", 2000]);
    await fund(1200);
    expect(await left()).toEqual(["requires_action", 800]);
    await fund(1000);
    expect(await left()).toEqual(["succeeded", undefined]);
    const moves = await all(stripe.customers.listCashBalanceTransactions(customer.id));
    expect(moves.map(({ net_amount }) => net_amount).reverse()).toEqual([1200, -1200, 1000, -800]);
    expect(moves[0]?.ending_balance).toBe(200);
  });

  test("a renamed parameter is accepted from older API versions only", async () => {
    const body = "amount=100&currency=usd&payment_method_types[]=card";
    const ask = (headers: Record<string, string>) =>
      fetch(`${sandbox.url}/v1/payment_intents`, {
        method: "POST",
        body,
        headers: {
          authorization: "Bearer sk_test_any",
          "content-type": "application/x-www-form-urlencoded",
          ...headers,
        },
      });
    expect((await ask({})).status).toBe(200);
    const version = String(clientOf(sandbox.url).getApiField("version"));
    const modern = await ask({ "stripe-version": version });
    expect(await modern.json()).toMatchObject({
      error: { code: "parameter_unknown", param: "payment_method_types" },
    });
  });
});

describe("cards set up for later", () => {
  test("a set-up card belongs to the customer and is not authenticated again", async () => {
    const { stripe } = sandbox;
    const customer = await stripe.customers.create({ email: "setup@example.com" });
    const setup = await stripe.setupIntents.create({
      customer: customer.id,
      confirm: true,
      payment_method: "pm_card_authenticationRequiredOnSetup",
    });
    expect(setup.status).toBe("requires_action");
    await bank(setup, "complete");
    const done = await stripe.setupIntents.retrieve(setup.id, { expand: ["latest_attempt"] });
    expect(done).toMatchObject({ status: "succeeded", latest_attempt: { status: "succeeded" } });
    expect(await eventsOf(setup.id)).toEqual([
      "setup_intent.created",
      "setup_intent.requires_action",
      "setup_intent.succeeded",
    ]);
    const paid = await create({
      confirm: true,
      customer: customer.id,
      off_session: true,
      payment_method: String(done.payment_method),
    });
    expect(paid.status).toBe("succeeded");
  });

  test("a failed setup can be retried with another card or canceled", async () => {
    const { stripe } = sandbox;
    const refusal = await failureOf(
      stripe.setupIntents.create({ confirm: true, payment_method: "pm_card_chargeDeclined" }),
    );
    const id = refusal.setup_intent?.id ?? "";
    expect([refusal.statusCode, refusal.code]).toEqual([402, "card_declined"]);
    expect((await stripe.setupIntents.cancel(id)).status).toBe("canceled");
    const late = await failureOf(stripe.setupIntents.confirm(id, { payment_method: "pm_card_visa" }));
    expect(late.code).toBe("setup_intent_unexpected_state");
    expect((await stripe.setupAttempts.list({ setup_intent: id })).data.map(({ status }) => status)).toEqual([
      "failed",
    ]);
  });

  test("Checkout in setup mode saves a card without a payment", async () => {
    const { stripe } = sandbox;
    const customer = await stripe.customers.create({ email: "page@example.com" });
    const session = await stripe.checkout.sessions.create({
      mode: "setup",
      currency: "usd",
      customer: customer.id,
      success_url: "http://shop.example/saved",
      setup_intent_data: { metadata: { source: "checkout" } },
    });
    const answer = await fetch(session.url ?? "", {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({
        number: "5555555555554444",
        expiry: "12 / 49",
        cvc: "123",
        name: "Ada Lovelace",
      }),
    });
    expect(answer.headers.get("location")).toBe("http://shop.example/saved");
    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ["setup_intent"] });
    expect(done).toMatchObject({
      status: "complete",
      payment_status: "no_payment_required",
      amount_total: null,
      setup_intent: { status: "succeeded", customer: customer.id, metadata: { source: "checkout" } },
    });
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toHaveLength(1);
    expect((await stripe.charges.list({ customer: customer.id })).data).toEqual([]);
  });
});

describe("trials with 3-D Secure", () => {
  test("a trial authenticates its card at the start so that it can be charged at the end", async () => {
    const { stripe } = sandbox;
    const { month } = await createPlan(stripe, "Trial", 1900);
    const session = await stripe.checkout.sessions.create({
      mode: "subscription",
      line_items: [{ price: month.id, quantity: 1 }],
      subscription_data: { trial_period_days: 7 },
      success_url: "http://shop.example/begun",
    });
    const challenge = await submitCard(session.url ?? "", "4000002500003155");
    const page = challenge.headers.get("location") ?? "";
    expect(page).toContain("/authenticate/seti_");
    expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe("open");
    const body = new URLSearchParams({ outcome: "complete" });
    const done = await fetch(page, { method: "POST", redirect: "manual", body });
    expect(done.headers.get("location")).toBe("http://shop.example/begun");
    const { subscription } = await stripe.checkout.sessions.retrieve(session.id);
    await sandbox.control("clock/advance", { seconds: 7 * 86_400 + 3600 });
    expect(await stripe.subscriptions.retrieve(String(subscription))).toMatchObject({ status: "active" });
    const [renewal] = (await stripe.invoices.list({ subscription: String(subscription) })).data;
    expect([renewal?.status, renewal?.amount_paid]).toEqual(["paid", 1900]);
  });
});

describe("cards stored as sources", () => {
  test("a stored source is readable as a source and usable as a payment method", async () => {
    const { stripe } = sandbox;
    const customer = await stripe.customers.create({ email: "source@example.com" });
    const source = await stripe.customers.createSource(customer.id, { source: "tok_visa" });
    expect(source).toMatchObject({ object: "card", brand: "Visa", last4: "4242", customer: customer.id });
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ default_source: source.id });
    const paid = await create({ customer: customer.id, payment_method: source.id, confirm: true });
    expect(paid.status).toBe("succeeded");
    await stripe.customers.updateSource(customer.id, source.id, { name: "Ada" });
    expect((await stripe.paymentMethods.retrieve(source.id)).billing_details.name).toBe("Ada");
    await stripe.customers.deleteSource(customer.id, source.id);
    expect(await stripe.customers.retrieve(customer.id)).toMatchObject({ default_source: null });
    expect((await failureOf(stripe.customers.retrieveSource(customer.id, source.id))).statusCode).toBe(404);
  });
});

describe("delayed refunds", () => {
  const refunded = async (card: string) => {
    const paid = await create({ confirm: true, payment_method: card });
    return sandbox.stripe.refunds.create({ payment_intent: paid.id, amount: 700 });
  };

  test("a delayed refund is pending, then succeeds", async () => {
    const refund = await refunded("pm_card_pendingRefund");
    expect(refund.status).toBe("pending");
    await sandbox.control("clock/advance", { seconds: 60 });
    expect((await sandbox.stripe.refunds.retrieve(refund.id)).status).toBe("succeeded");
    expect(await eventsOf(refund.id)).toEqual(["refund.created", "refund.updated"]);
  });

  test("a delayed refund can fail and return the amount to the balance", async () => {
    const refund = await refunded("pm_card_refundFail");
    expect(refund.status).toBe("succeeded");
    await sandbox.control("clock/advance", { seconds: 60 });
    const failed = await sandbox.stripe.refunds.retrieve(refund.id, {
      expand: ["failure_balance_transaction", "charge"],
    });
    expect(failed).toMatchObject({
      status: "failed",
      failure_balance_transaction: { amount: 700, type: "refund_failure" },
      charge: { amount_refunded: 0, refunded: false },
    });
    expect(await eventsOf(refund.id)).toEqual([
      "refund.created",
      "refund.failed",
      "refund.updated",
      "charge.refund.updated",
    ]);
  });
});

describe("test clocks", () => {
  test("a test clock dates its customers' disputes", async () => {
    const { stripe } = sandbox;
    const clock = await stripe.testHelpers.testClocks.create({
      frozen_time: seconds("2031-05-01T00:00:00Z"),
    });
    const customer = await stripe.customers.create({ test_clock: clock.id });
    await create({ confirm: true, customer: customer.id, payment_method: "pm_card_createDispute" });
    const [challenge] = (await stripe.events.list({ type: "charge.dispute.created" })).data;
    expect(challenge?.created).toBe(seconds("2031-05-01T00:00:00Z"));
    await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: seconds("2031-05-10T00:00:00Z") });
    const [dispute] = (await stripe.disputes.list()).data;
    expect(dispute).toMatchObject({ created: seconds("2031-05-01T00:00:00Z"), status: "lost" });
  });
});
