import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createPlan,
  failureOf,
  payingCustomer,
  type SandboxClient,
  startSandbox,
  submitForm,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

type Features = Stripe.BillingPortal.ConfigurationCreateParams.Features;
type Plan = Awaited<ReturnType<typeof createPlan>>;

let sandbox: SandboxClient;
let stripe: Stripe;
let pro: Plan;
let team: Plan;
let customer: string;
let subscription: Stripe.Subscription;
beforeEach(async () => {
  sandbox = await startSandbox();
  ({ stripe } = sandbox);
  [pro, team] = [await createPlan(stripe, "Pro", 1900), await createPlan(stripe, "Team", 3000)];
  customer = await payingCustomer(stripe);
  subscription = await stripe.subscriptions.create({ customer, items: [{ price: pro.month.id }] });
});
afterEach(() => sandbox.stop());

const configure = (features: Features) => stripe.billingPortal.configurations.create({ features });
const updates = (
  products = [{ product: team.product.id, prices: [team.month.id] }],
): Features & { payment_method_update: object } => ({
  payment_method_update: { enabled: true },
  subscription_cancel: { enabled: true },
  subscription_update: {
    enabled: true,
    default_allowed_updates: ["price", "quantity"],
    proration_behavior: "always_invoice",
    products,
  },
});
const confirmFlow = (items: { id: string; price?: string; quantity?: number }[]) =>
  ({
    type: "subscription_update_confirm",
    subscription_update_confirm: { subscription: subscription.id, items },
  }) as const;
const itemId = () => subscription.items.data[0]?.id ?? "";
const open = async (
  flow: Stripe.BillingPortal.SessionCreateParams.FlowData,
  features: Features = updates(),
) => {
  const { id } = await configure(features);
  return stripe.billingPortal.sessions.create({ customer, configuration: id, flow_data: flow });
};

describe("portal flows", () => {
  test("P1: a confirmed update applies its quantity to the subscription and the invoice", async () => {
    const session = await open(confirmFlow([{ id: itemId(), price: team.month.id, quantity: 3 }]));
    expect(await (await fetch(session.url)).text()).toContain("× 3");
    const form = { action: "change", subscription: subscription.id, price: team.month.id };
    expect((await submitForm(session.url, form)).status).toBe(303);
    const changed = await stripe.subscriptions.retrieve(subscription.id, { expand: ["latest_invoice"] });
    expect(changed.items.data[0]).toMatchObject({ price: { id: team.month.id }, quantity: 3 });
    // Three times 30.00 less the unused 19.00, at the start of the period.
    expect(changed.latest_invoice).toMatchObject({ status: "paid", total: 9000 - 1900 });
  });

  test("P1: a flow may change the quantity alone", async () => {
    const session = await open(confirmFlow([{ id: itemId(), quantity: 2 }]));
    await submitForm(session.url, { action: "change", subscription: subscription.id, price: pro.month.id });
    const changed = await stripe.subscriptions.retrieve(subscription.id);
    expect(changed.items.data[0]).toMatchObject({ price: { id: pro.month.id }, quantity: 2 });
  });

  test.each([
    ["payment_method_update", "payment method update feature"],
    ["subscription_cancel", "subscription cancel feature"],
    ["subscription_update", "subscription update feature"],
  ] as const)("P2: a %s flow whose feature is disabled is rejected", async (type, text) => {
    const flow = { type, [type]: { subscription: subscription.id } };
    const about = type === "payment_method_update" ? { type } : flow;
    const error = await failureOf(open(about, { invoice_history: { enabled: true } }));
    expect([error.statusCode, error.message]).toEqual([400, expect.stringContaining(text)]);
  });

  test("P2: flows of a foreign subscription, item or price are rejected", async () => {
    const other = await payingCustomer(stripe);
    const foreign = await stripe.subscriptions.create({ customer: other, items: [{ price: pro.month.id }] });
    const cancel = {
      type: "subscription_cancel",
      subscription_cancel: { subscription: foreign.id },
    } as const;
    expect((await failureOf(open(cancel))).code).toBe("resource_missing");
    const item = foreign.items.data[0]?.id ?? "";
    expect((await failureOf(open(confirmFlow([{ id: item, price: team.month.id }])))).code).toBe(
      "resource_missing",
    );
    const unknown = await failureOf(open(confirmFlow([{ id: itemId(), price: "price_unknown" }])));
    expect(unknown.message).toContain("No such price");
    const unoffered = await failureOf(open(confirmFlow([{ id: itemId(), price: team.year.id }])));
    expect(unoffered.message).toContain("not available in the portal configuration");
  });

  test("P2: a cancel flow of a subscription that is already being canceled is rejected", async () => {
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    const flow = {
      type: "subscription_cancel",
      subscription_cancel: { subscription: subscription.id },
    } as const;
    expect((await failureOf(open(flow))).message).toContain("already set to be canceled");
  });
});

describe("portal configurations", () => {
  test("P3: a configuration with unknown products or prices is rejected", async () => {
    const withProducts = (products: { product: string; prices: string[] }[]) => configure(updates(products));
    const product = await failureOf(withProducts([{ product: "prod_unknown", prices: [team.month.id] }]));
    expect([product.code, product.param]).toEqual([
      "resource_missing",
      "features[subscription_update][products][0][product]",
    ]);
    const price = await failureOf(withProducts([{ product: pro.product.id, prices: ["price_unknown"] }]));
    expect(price.param).toBe("features[subscription_update][products][0][prices][0]");
    const foreign = await failureOf(withProducts([{ product: pro.product.id, prices: [team.month.id] }]));
    expect(foreign.message).toContain("does not belong to the product");
  });

  test("P10: subscription updates cannot be enabled while payment method updates are disabled", async () => {
    const { payment_method_update: _method, ...rest } = updates();
    const message = "Cannot enable subscription updates while payment method update is disabled.";
    expect((await failureOf(configure(rest))).message).toBe(message);
    const { id } = await configure(updates());
    const features = { payment_method_update: { enabled: false } };
    const update = stripe.billingPortal.configurations.update(id, { features });
    expect((await failureOf(update)).message).toBe(message);
  });
});
