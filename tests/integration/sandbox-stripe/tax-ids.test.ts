import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createPlan,
  failureOf,
  type SandboxClient,
  startSandbox,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

const newCustomer = async () => (await sandbox.stripe.customers.create({ email: "ada@example.com" })).id;

test("a tax id is stored with its customer, sends events and is gone after deletion", async () => {
  const { stripe } = sandbox;
  const customer = await newCustomer();
  const made = await stripe.customers.createTaxId(customer, { type: "eu_vat", value: "DE123456789" });
  expect(made).toMatchObject({ country: "DE", customer, verification: { status: "pending" } });
  const shown = await stripe.customers.retrieve(customer, { expand: ["tax_ids"] });
  expect(shown).toMatchObject({ tax_ids: { data: [{ id: made.id, value: "DE123456789" }] } });
  await stripe.customers.deleteTaxId(customer, made.id);
  expect((await stripe.customers.listTaxIds(customer)).data).toEqual([]);
  const types = (await stripe.events.list({ types: ["customer.tax_id.created", "customer.tax_id.deleted"] }))
    .data;
  expect(types.map(({ type }) => type)).toEqual(["customer.tax_id.deleted", "customer.tax_id.created"]);
});

test.each([
  ["eu_vat", "DE12345"],
  ["gb_vat", "123456789"],
  ["us_ein", "123456789"],
  ["ch_vat", "CHE-1"],
] as const)("a malformed %s (%s) is rejected", async (type, value) => {
  const failure = await failureOf(sandbox.stripe.customers.createTaxId(await newCustomer(), { type, value }));
  expect(failure).toMatchObject({ statusCode: 400, code: "tax_id_invalid" });
});

test("a customer has at most five tax ids, and other customers' tax ids cannot be read or deleted", async () => {
  const { stripe } = sandbox;
  const customer = await newCustomer();
  for (const last of [1, 2, 3, 4, 5])
    await stripe.customers.createTaxId(customer, { type: "us_ein", value: `12-345678${last}` });
  const sixth = stripe.customers.createTaxId(customer, { type: "us_ein", value: "12-3456786" });
  expect((await failureOf(sixth)).message).toBe("A customer can have up to 5 tax IDs.");
  const [first] = (await stripe.customers.listTaxIds(customer)).data;
  const stranger = stripe.customers.deleteTaxId(await newCustomer(), first?.id ?? "");
  expect((await failureOf(stranger)).code).toBe("resource_missing");
});

test("a finalized invoice keeps the customer's name, address and tax ids of that time", async () => {
  const { stripe } = sandbox;
  const { month } = await createPlan(stripe, "Taxed", 1900);
  const customer = await newCustomer();
  await stripe.customers.update(customer, {
    name: "Analytical Engines Ltd",
    address: { line1: "1 St James's Square", city: "London", country: "GB" },
  });
  const vat = await stripe.customers.createTaxId(customer, { type: "gb_vat", value: "GB123456789" });
  const { subscription } = await subscribe(stripe, month.id, { customer });
  await stripe.customers.update(customer, { name: "Another Ltd" });
  await stripe.customers.deleteTaxId(customer, vat.id);
  const invoice = await stripe.invoices.retrieve(String(subscription.latest_invoice));
  expect(invoice).toMatchObject({
    customer_name: "Analytical Engines Ltd",
    customer_address: { city: "London", country: "GB" },
    customer_tax_ids: [{ type: "gb_vat", value: "GB123456789" }],
  });
});
