import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  createPlan,
  payingCustomer,
  type SandboxClient,
  startSandbox,
  submitCard,
  submitForm,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
beforeEach(async () => {
  sandbox = await startSandbox();
  ({ stripe } = sandbox);
});
afterEach(() => sandbox.stop());

const eventTypes = async () => (await all(stripe.events.list())).map(({ type }) => type).reverse();

describe("products, prices and customers", () => {
  test("P4: a product is created with its default price, features and dimensions, with their events", async () => {
    const product = await stripe.products.create({
      name: "Pro",
      default_price_data: { currency: "usd", unit_amount: 1900, recurring: { interval: "month" } },
      marketing_features: [{ name: "Unlimited chats" }],
      package_dimensions: { height: 1, length: 2, weight: 3, width: 4 },
      expand: ["default_price"],
    });
    expect(product).toMatchObject({
      default_price: { object: "price", unit_amount: 1900, product: product.id },
      marketing_features: [{ name: "Unlimited chats" }],
      package_dimensions: { height: 1, length: 2, weight: 3, width: 4 },
    });
    expect(await eventTypes()).toEqual(["product.created", "price.created", "product.updated"]);
    const updated = await stripe.products.update(product.id, { marketing_features: "" });
    expect(updated.marketing_features).toEqual([]);
  });

  test("P12: a price has amounts in other currencies, shown when expanded", async () => {
    const product = await stripe.products.create({ name: "Pro" });
    const price = await stripe.prices.create({
      product: product.id,
      currency: "usd",
      unit_amount: 1900,
      currency_options: { eur: { unit_amount: 1700 }, jpy: { unit_amount: 2900 } },
    });
    expect(price).not.toHaveProperty("currency_options");
    const expanded = await stripe.prices.retrieve(price.id, { expand: ["currency_options"] });
    expect(expanded.currency_options).toMatchObject({
      usd: { unit_amount: 1900 },
      eur: { unit_amount: 1700 },
      jpy: { unit_amount: 2900 },
    });
  });

  test("P12: a customer has shipping details and tax ids from the start", async () => {
    const customer = await stripe.customers.create({
      name: "Ada",
      shipping: { name: "Ada", address: { line1: "1 Main St", country: "US" } },
      tax_id_data: [{ type: "eu_vat", value: "DE123456789" }],
    });
    expect(customer.shipping).toMatchObject({ name: "Ada", address: { line1: "1 Main St", city: null } });
    expect((await stripe.customers.listTaxIds(customer.id)).data).toHaveLength(1);
  });
});

describe("options of Checkout", () => {
  const line = { price_data: { currency: "usd", unit_amount: 1000, product_data: { name: "Top-up" } } };
  const open = (params: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
    stripe.checkout.sessions.create({
      mode: "payment",
      line_items: [{ ...line, quantity: 1 }],
      success_url: "http://shop.example/done",
      ...params,
    });

  test("P7: inline prices and products of Checkout have events", async () => {
    await open();
    expect(await eventTypes()).toEqual(["product.created", "price.created"]);
  });

  test("P11: address collection and submit type are returned and change the page", async () => {
    const session = await open({ billing_address_collection: "required", submit_type: "donate" });
    expect(session).toMatchObject({ billing_address_collection: "required", submit_type: "donate" });
    const url = session.url ?? "";
    const page = await (await fetch(url)).text();
    expect(page).toContain("Donate $10.00");
    expect(await (await submitCard(url, "4242424242424242")).text()).toContain("Enter your billing address");
    const address = { country: "DE", line1: "Hauptstr. 1", city: "Berlin", postal_code: "10115" };
    expect((await submitCard(url, "4242424242424242", address)).status).toBe(303);
    const done = await stripe.checkout.sessions.retrieve(session.id);
    expect(done.customer_details?.address).toMatchObject({ country: "DE", city: "Berlin" });
  });

  test("P12: custom fields, texts, phone number and consent are asked for and returned", async () => {
    const session = await open({
      custom_fields: [
        { key: "team", label: { custom: "Team name", type: "custom" }, type: "text" },
        {
          key: "size",
          label: { custom: "Size", type: "custom" },
          type: "dropdown",
          dropdown: { options: [{ label: "Small", value: "s" }] },
          optional: true,
        },
      ],
      custom_text: { submit: { message: "Taxes are included." } },
      phone_number_collection: { enabled: true },
      consent_collection: { terms_of_service: "required", promotions: "auto" },
    });
    const url = session.url ?? "";
    const page = await (await fetch(url)).text();
    for (const text of ["Team name", "Taxes are included.", "Phone number", "Terms of Service"]) {
      expect(page).toContain(text);
    }
    const entered = { phone: "+15550100", custom_team: "Parley", terms: "yes" };
    expect((await submitCard(url, "4242424242424242", entered)).status).toBe(303);
    const done = await stripe.checkout.sessions.retrieve(session.id);
    expect(done).toMatchObject({
      custom_fields: [
        { key: "team", text: { value: "Parley" } },
        { key: "size", dropdown: { value: null } },
      ],
      customer_details: { phone: "+15550100" },
      consent: { promotions: "opt_out", terms_of_service: "accepted" },
    });
  });

  test("P12: the buyer changes a quantity and adds an optional item", async () => {
    const extra = await createPlan(stripe, "Extra", 500);
    const oneTime = await stripe.prices.create({
      product: extra.product.id,
      currency: "usd",
      unit_amount: 300,
    });
    const session = await open({
      line_items: [{ ...line, quantity: 1, adjustable_quantity: { enabled: true, minimum: 1, maximum: 5 } }],
      optional_items: [{ price: oneTime.id, quantity: 1 }],
    });
    const [item] = (await stripe.checkout.sessions.listLineItems(session.id)).data;
    await submitForm(session.url ?? "", {
      order: "update",
      [`quantity_${item?.id}`]: "9",
      [`quantity_${oneTime.id}`]: "1",
    });
    const changed = await stripe.checkout.sessions.retrieve(session.id, { expand: ["line_items"] });
    expect(changed.line_items?.data.map(({ quantity, amount_total }) => [quantity, amount_total])).toEqual([
      [5, 5000],
      [1, 300],
    ]);
    expect(changed.amount_total).toBe(5300);
  });

  test("P12: an expired session has a recovery link that opens a copy", async () => {
    const session = await open({ after_expiration: { recovery: { enabled: true } } });
    const expired = await stripe.checkout.sessions.expire(session.id);
    const link = expired.after_expiration?.recovery?.url ?? "";
    const answer = await fetch(link, { redirect: "manual" });
    expect(answer.status).toBe(303);
    const url = new URL(answer.headers.get("location") ?? "", link).href;
    expect((await submitCard(url, "4242424242424242")).status).toBe(303);
    const recovered = (await all(stripe.checkout.sessions.list({ status: "complete" })))[0];
    expect([recovered?.recovered_from, recovered?.payment_status]).toEqual([session.id, "paid"]);
  });
});

test("P12: subscriptions accept automatic tax and payment method types", async () => {
  const plan = await createPlan(stripe, "Pro", 1900);
  const customer = await payingCustomer(stripe);
  const subscription = await stripe.subscriptions.create({
    customer,
    items: [{ price: plan.month.id }],
    automatic_tax: { enabled: false },
    payment_settings: { payment_method_types: ["card"], save_default_payment_method: "on_subscription" },
  });
  expect(subscription.payment_settings).toMatchObject({ payment_method_types: ["card"] });
  const updated = await stripe.subscriptions.update(subscription.id, { automatic_tax: { enabled: true } });
  expect(updated.automatic_tax).toMatchObject({ enabled: true });
});
