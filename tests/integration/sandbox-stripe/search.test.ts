import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  createPlan,
  failureOf,
  payingCustomer,
  type SandboxClient,
  startSandbox,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
beforeEach(async () => {
  sandbox = await startSandbox();
  ({ stripe } = sandbox);
});
afterEach(() => sandbox.stop());

const names = (found: { data: Stripe.Customer[] }) => found.data.map(({ name }) => name).sort();
const find = async (query: string) => names(await stripe.customers.search({ query }));

describe("the search query language", () => {
  beforeEach(async () => {
    const people = [
      { name: "Ada Lovelace", email: "ada@example.com", metadata: { workspace: "ws_1", plan: "pro" } },
      { name: "Grace Hopper", email: "grace@example.com", metadata: { workspace: "ws_2" } },
      { name: 'Jane "JD" Doe', email: "jane@example.org", phone: "+15550100" },
    ];
    for (const person of people) await stripe.customers.create(person);
  });

  test("P5: customers are found by field, metadata, substring, negation and absence", async () => {
    expect(await find("email:'ADA@example.com'")).toEqual(["Ada Lovelace"]);
    expect(await find('metadata["workspace"]:"ws_2"')).toEqual(["Grace Hopper"]);
    expect(await find('name~"love"')).toEqual(["Ada Lovelace"]);
    expect(await find('-metadata["plan"]:null')).toEqual(["Ada Lovelace"]);
    expect(await find("phone:null")).toEqual(["Ada Lovelace", "Grace Hopper"]);
    expect(await find('name:"Jane \\"JD\\" Doe"')).toEqual(['Jane "JD" Doe']);
  });

  test("P5: clauses are joined by AND or by OR, but not by both", async () => {
    expect(await find('email~"example.com" AND metadata["plan"]:"pro"')).toEqual(["Ada Lovelace"]);
    expect(await find('name:"Ada Lovelace" OR name:"Grace Hopper"')).toEqual([
      "Ada Lovelace",
      "Grace Hopper",
    ]);
    expect(await find('email~"example.com" -name:"Ada Lovelace"')).toEqual(["Grace Hopper"]);
    const mixed = await failureOf(stripe.customers.search({ query: 'name:"a" AND name:"b" OR name:"c"' }));
    expect(mixed.statusCode).toBe(400);
  });

  test("P5: results are paged, and state their total when it is expanded", async () => {
    const first = await stripe.customers.search({ query: "created>0", limit: 2, expand: ["total_count"] });
    expect([first.data.length, first.has_more, first.total_count]).toEqual([2, true, 3]);
    const second = await stripe.customers.search({
      query: "created>0",
      limit: 2,
      page: first.next_page ?? "",
    });
    expect([second.data.length, second.has_more, second.next_page]).toEqual([1, false, null]);
    expect(second).not.toHaveProperty("total_count");
    expect(await all(stripe.customers.search({ query: "created>0", limit: 1 }))).toHaveLength(3);
  });

  test.each([
    ["nonsense", "unable to parse"],
    ["foo:'bar'", "Field `foo` is an unsupported search field for resource `customers`"],
    ["email>'a'", "Operator"],
    ["name~'ab'", "at least 3 characters"],
    ["metadata:'x'", "unsupported search field"],
  ])("P5: the query %s is rejected", async (query, message) => {
    const error = await failureOf(stripe.customers.search({ query }));
    expect([error.statusCode, error.message]).toEqual([400, expect.stringContaining(message)]);
  });
});

test("P5: subscriptions, invoices, charges, payments, products and prices are searchable", async () => {
  const plan = await createPlan(stripe, "Pro", 1900);
  const customer = await payingCustomer(stripe);
  const subscription = await stripe.subscriptions.create({
    customer,
    items: [{ price: plan.month.id }],
    metadata: { workspace: "ws_1" },
  });
  const ids = async (found: Promise<{ data: { id: string }[] }>) => (await found).data.map(({ id }) => id);
  const query = { query: `metadata["workspace"]:"ws_1" AND status:"active"` };
  expect(await ids(stripe.subscriptions.search(query))).toEqual([subscription.id]);
  const billed = { query: `subscription:"${subscription.id}" AND total>=1900` };
  expect(await ids(stripe.invoices.search(billed))).toEqual([subscription.latest_invoice]);
  const paid = { query: `customer:"${customer}" AND status:"succeeded" AND amount:1900` };
  const [charge] = (await stripe.charges.search(paid)).data;
  expect(charge?.payment_intent).toBe((await ids(stripe.paymentIntents.search(paid)))[0]);
  expect(await ids(stripe.charges.search({ query: `payment_method_details.card.last4:4242` }))).toEqual([
    charge?.id,
  ]);
  expect(await ids(stripe.prices.search({ query: `lookup_key:"pro_month"` }))).toEqual([plan.month.id]);
  expect(await ids(stripe.products.search({ query: `active:"true" AND name~"pro"` }))).toEqual([
    plan.product.id,
  ]);
});
