import { createRequire } from "node:module";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  receiveWebhooks,
  type WebhookServer,
} from "#tests/integration/sandbox-stripe/clients/webhook-server.ts";
import { type SandboxClient, startSandbox } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

type Data = Record<string, unknown> & { id: string };
type Result = { id?: string; status?: string; data?: Data };
/** The calls of Medusa's payment provider that this test makes. */
type Provider = {
  stripe_: { _api: Record<string, unknown> };
  initiatePayment(input: object): Promise<Result & { id: string }>;
  authorizePayment(input: object): Promise<Result>;
  getPaymentStatus(input: object): Promise<Result>;
  capturePayment(input: object): Promise<Result>;
  cancelPayment(input: object): Promise<Result>;
  refundPayment(input: object): Promise<Result>;
  updatePayment(input: object): Promise<Result>;
  retrievePayment(input: object): Promise<{ data: { amount: unknown } }>;
  createAccountHolder(input: object): Promise<Result>;
  updateAccountHolder(input: object): Promise<Result>;
  deleteAccountHolder(input: object): Promise<object>;
  savePaymentMethod(input: object): Promise<Result>;
  listPaymentMethods(input: object): Promise<Result[]>;
  deletePaymentMethod(input: object): Promise<object>;
  getWebhookActionAndData(input: object): Promise<{ action: string; data?: { amount: unknown } }>;
};
type ProviderClass = { identifier: string; new (container: object, options: object): Provider };

let sandbox: SandboxClient;
let stripe: Stripe;
let webhooks: WebhookServer;
let provider: Provider;
/** What Medusa would do for each webhook, by the type of the event. */
const actions = new Map<string, string[]>();

beforeAll(async () => {
  sandbox = await startSandbox();
  ({ stripe } = sandbox);
  webhooks = await receiveWebhooks(stripe, async (rawData, signature) => {
    const { type } = JSON.parse(rawData.toString());
    const { action } = await provider.getWebhookActionAndData({
      rawData,
      headers: { "stripe-signature": signature },
    });
    actions.set(type, [...(actions.get(type) ?? []), action]);
  });
  // Loaded here, because only this file needs the package.
  const medusa: { default: { services: ProviderClass[] } } = createRequire(import.meta.url)(
    "@medusajs/payment-stripe",
  );
  const Service = medusa.default.services.find(({ identifier }) => identifier === "stripe");
  if (!Service) throw new Error("the package has no Stripe provider");
  provider = new Service(
    { logger: console },
    { apiKey: "sk_test_sandbox000000000000", webhookSecret: webhooks.secret, capture: false },
  );
  // The package is unmodified; its client, an SDK of 2024, only talks to another host.
  const { hostname, port } = new URL(sandbox.url);
  Object.assign(provider.stripe_._api, { host: hostname, port, protocol: "http" });
});
afterAll(async () => {
  await webhooks.stop();
  await sandbox.stop();
});

const begin = (data: object, context: object = {}) =>
  provider.initiatePayment({
    amount: 30,
    currency_code: "usd",
    data: { session_id: "payses_1", ...data },
    context: { idempotency_key: crypto.randomUUID(), ...context },
  });
const statusOf = async (id: string) => (await provider.getPaymentStatus({ data: { id } })).status;

describe("@medusajs/payment-stripe against the sandbox", () => {
  test("P: a payment of medusa is authorized, captured and refunded", async () => {
    const { id, status } = await begin({});
    expect(status).toBe("pending");
    await provider.updatePayment({ data: { id }, currency_code: "usd", amount: 50, context: {} });
    await stripe.paymentIntents.confirm(id, {
      payment_method: "pm_card_visa",
      return_url: "http://shop.example",
    });
    expect((await provider.authorizePayment({ data: { id } })).status).toBe("authorized");
    const { data } = await provider.capturePayment({ data: { id }, context: {} });
    expect(data?.status).toBe("succeeded");
    // Capturing again returns the captured payment.
    expect((await provider.capturePayment({ data: { id }, context: {} })).data?.status).toBe("succeeded");
    await provider.refundPayment({ amount: 20, data: { id, currency: "usd" }, context: {} });
    const charge = (await stripe.charges.list({ payment_intent: id })).data[0];
    expect([charge?.amount, charge?.amount_refunded]).toEqual([5000, 2000]);
    expect(Number((await provider.retrievePayment({ data: { id } })).data.amount)).toBe(50);
  });

  test("P: medusa gets the payment that a declined card leaves, and cancels it twice", async () => {
    const declined = await begin({
      confirm: true,
      payment_method: "pm_card_chargeDeclined",
      return_url: "http://shop.example",
    });
    expect(declined.status).toBe("error");
    const canceled = await provider.cancelPayment({ data: { id: declined.id }, context: {} });
    expect(canceled.data?.status).toBe("canceled");
    expect((await provider.cancelPayment({ data: { id: declined.id }, context: {} })).data?.status).toBe(
      "canceled",
    );
  });

  test("P: medusa waits for 3-D Secure and sees its result", async () => {
    const challenge = {
      confirm: true,
      payment_method: "pm_card_threeDSecure2Required",
      return_url: "http://shop.example",
    };
    for (const [outcome, expected] of [
      ["complete", "authorized"],
      ["fail", "error"],
    ] as const) {
      const { id, status } = await begin(challenge);
      expect(status).toBe("requires_more");
      const { client_secret: secret } = await stripe.paymentIntents.retrieve(id);
      const body = new URLSearchParams({ outcome });
      await fetch(`${sandbox.url}/authenticate/${secret}`, { method: "POST", body, redirect: "manual" });
      expect(await statusOf(id)).toBe(expected);
    }
  });

  test("P: medusa saves, uses, lists and deletes a customer's card", async () => {
    const customer = { email: "ada@example.com", first_name: "Ada", last_name: "Lovelace" };
    const holder = await provider.createAccountHolder({ context: { customer } });
    const context = { account_holder: { data: { id: holder.id } }, customer };
    await provider.updateAccountHolder({
      context: { ...context, customer: { ...customer, phone: "+15550100" } },
    });
    expect(await stripe.customers.retrieve(holder.id ?? "")).toMatchObject({
      name: "Ada Lovelace",
      phone: "+15550100",
    });
    const saved = await provider.savePaymentMethod({
      context,
      data: {
        payment_method: "pm_card_visa",
        confirm: true,
        usage: "off_session",
        return_url: "http://shop.example",
      },
    });
    expect(saved.data?.status).toBe("succeeded");
    const [card] = await provider.listPaymentMethods({ context });
    const paid = await begin(
      { confirm: true, off_session: true, payment_method: card?.id, capture_method: "automatic" },
      context,
    );
    expect(paid.status).toBe("captured");
    await provider.deletePaymentMethod({ context: {}, data: { id: card?.id } });
    expect(await provider.listPaymentMethods({ context })).toEqual([]);
    await provider.deleteAccountHolder({ context });
    expect(await stripe.customers.retrieve(holder.id ?? "")).toMatchObject({ deleted: true });
  });

  test("P: medusa verifies every webhook and knows what to do", async () => {
    await sandbox.control("flush", {});
    expect(webhooks.errors).toEqual([]);
    expect(
      Object.fromEntries([...actions].filter(([type]) => type.startsWith("payment_intent"))),
    ).toMatchObject({
      "payment_intent.amount_capturable_updated": ["authorized", "authorized"],
      "payment_intent.canceled": ["canceled"],
      "payment_intent.payment_failed": ["failed", "failed"],
      "payment_intent.requires_action": ["requires_more", "requires_more"],
      "payment_intent.succeeded": ["captured", "captured"],
    });
  });
});
