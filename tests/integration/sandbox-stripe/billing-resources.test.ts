import type Stripe from "stripe";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  all,
  createPlan,
  failureOf,
  payingCustomer,
  type SandboxClient,
  startSandbox,
  submitCard,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
beforeEach(async () => {
  sandbox = await startSandbox();
  ({ stripe } = sandbox);
});
afterEach(() => sandbox.stop());

test("P5: plans are views of recurring prices", async () => {
  const plan = await stripe.plans.create({
    currency: "usd",
    interval: "month",
    amount: 900,
    product: { name: "Basic" },
    nickname: "basic",
  });
  const price = await stripe.prices.retrieve(plan.id);
  expect(price).toMatchObject({ unit_amount: 900, nickname: "basic", product: plan.product });
  expect(await stripe.plans.retrieve(plan.id)).toMatchObject({ object: "plan", amount: 900 });
  expect((await all(stripe.plans.list())).map(({ id }) => id)).toEqual([plan.id]);
  await stripe.plans.del(plan.id);
  expect((await stripe.prices.retrieve(plan.id)).active).toBe(false);
});

test("P5: tax ids of the account and of customers are read without a customer's path", async () => {
  const customer = await payingCustomer(stripe);
  const value = { type: "eu_vat", value: "DE123456789" } as const;
  const own = await stripe.taxIds.create(value);
  const theirs = await stripe.taxIds.create({ ...value, owner: { type: "customer", customer } });
  expect([own.customer, own.owner?.type, theirs.customer]).toEqual([null, "self", customer]);
  expect((await all(stripe.taxIds.list())).map(({ id }) => id)).toEqual([own.id]);
  const listed = await all(stripe.taxIds.list({ owner: { type: "customer", customer } }));
  expect(listed.map(({ id }) => id)).toEqual([theirs.id]);
  expect((await stripe.taxIds.retrieve(theirs.id)).value).toBe("DE123456789");
  await stripe.taxIds.del(theirs.id);
  expect((await failureOf(stripe.taxIds.retrieve(theirs.id))).statusCode).toBe(404);
});

test("P5: a subscription entitles its customer to the features of its product until it ends", async () => {
  const plan = await createPlan(stripe, "Pro", 1900);
  const customer = await payingCustomer(stripe);
  const feature = await stripe.entitlements.features.create({ name: "Vision", lookup_key: "vision" });
  await stripe.products.createFeature(plan.product.id, { entitlement_feature: feature.id });
  expect((await stripe.products.listFeatures(plan.product.id)).data).toMatchObject([
    { entitlement_feature: { lookup_key: "vision" } },
  ]);
  const { id } = await stripe.subscriptions.create({ customer, items: [{ price: plan.month.id }] });
  const active = () => all(stripe.entitlements.activeEntitlements.list({ customer }));
  const [entitlement] = await active();
  expect(entitlement).toMatchObject({ feature: feature.id, lookup_key: "vision" });
  expect(await stripe.entitlements.activeEntitlements.retrieve(entitlement?.id ?? "")).toEqual(entitlement);
  await stripe.subscriptions.cancel(id);
  expect(await active()).toEqual([]);
  const events = await all(stripe.events.list({ type: "entitlements.active_entitlement_summary.updated" }));
  expect(events.map(({ data }) => data.object)).toMatchObject([
    { customer, entitlements: { data: [] } },
    { customer, entitlements: { data: [{ lookup_key: "vision" }] } },
  ]);
});

test("P5: a test card has an early fraud warning", async () => {
  const card = await stripe.paymentMethods.create({ type: "card", card: { number: "4000000000005423" } });
  const intent = await stripe.paymentIntents.create({
    amount: 2000,
    currency: "usd",
    confirm: true,
    payment_method: card.id,
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
  });
  const [warning] = await all(stripe.radar.earlyFraudWarnings.list({ payment_intent: intent.id }));
  expect(warning).toMatchObject({ actionable: true, charge: intent.latest_charge });
  expect(await stripe.radar.earlyFraudWarnings.retrieve(warning?.id ?? "")).toEqual(warning);
});

test("P13: a payment link opens a Checkout session for every visitor until it is deactivated", async () => {
  const plan = await createPlan(stripe, "Pro", 1900);
  const link = await stripe.paymentLinks.create({
    line_items: [{ price: plan.month.id, quantity: 1 }],
    after_completion: { type: "redirect", redirect: { url: "http://shop.example/welcome" } },
    metadata: { campaign: "launch" },
    subscription_data: { trial_period_days: 7 },
  });
  const visit = await fetch(link.url, { redirect: "manual" });
  expect(visit.status).toBe(303);
  const page = new URL(visit.headers.get("location") ?? "", link.url).href;
  expect((await submitCard(page, "4242424242424242")).headers.get("location")).toBe(
    "http://shop.example/welcome",
  );
  const [session] = (await stripe.checkout.sessions.list()).data;
  expect(session).toMatchObject({
    payment_link: link.id,
    metadata: { campaign: "launch" },
    status: "complete",
  });
  expect((await stripe.subscriptions.retrieve(String(session?.subscription))).status).toBe("trialing");
  await stripe.paymentLinks.update(link.id, { active: false });
  expect((await fetch(link.url)).status).toBe(404);
});

test("P13: a debit's charge names its mandate", async () => {
  const method = await stripe.paymentMethods.create({
    type: "sepa_debit",
    sepa_debit: { iban: "AT611904300234573201" },
    billing_details: { name: "Ada", email: "ada@example.com" },
  });
  const intent = await stripe.paymentIntents.create({
    amount: 2000,
    currency: "eur",
    confirm: true,
    payment_method: method.id,
    allowed_payment_method_types: ["sepa_debit"],
  });
  const [charge] = (await stripe.charges.list({ payment_intent: intent.id })).data;
  const mandate = charge?.payment_method_details?.sepa_debit?.mandate ?? "";
  expect(await stripe.mandates.retrieve(mandate)).toMatchObject({
    payment_method: method.id,
    status: "active",
    type: "multi_use",
  });
});
