import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  all,
  clientOf,
  createPlan,
  failureOf,
  type SandboxClient,
  startSandbox,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

const raw = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
  fetch(`${sandbox.url}${path}`, {
    method,
    headers: {
      authorization: "Bearer sk_test_any",
      "content-type": "application/x-www-form-urlencoded",
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });

describe("the catalog", () => {
  test("a price is found by its lookup key, with its product expanded", async () => {
    const { product, month } = await createPlan(sandbox.stripe, "Catalogue", 1900);
    const found = await sandbox.stripe.prices.list({
      lookup_keys: ["catalogue_month"],
      expand: ["data.product"],
    });
    expect(found.data.map((price) => price.id)).toEqual([month.id]);
    expect(found.data[0]).toMatchObject({
      unit_amount: 1900,
      type: "recurring",
      recurring: { interval: "month", interval_count: 1, usage_type: "licensed" },
      product: { id: product.id, name: "Catalogue" },
    });
    expect(String(found.data[0]?.unit_amount_decimal)).toBe("1900");
  });

  test("a lookup key belongs to one price until it is transferred", async () => {
    const { stripe } = sandbox;
    const product = await stripe.products.create({ name: "Keys" });
    const input = { product: product.id, currency: "usd", unit_amount: 500, lookup_key: "only-one" };
    const first = await stripe.prices.create(input);
    expect((await failureOf(stripe.prices.create(input))).code).toBe("resource_already_exists");
    const second = await stripe.prices.create({ ...input, transfer_lookup_key: true });
    expect((await stripe.prices.retrieve(first.id)).lookup_key).toBeNull();
    expect(second.lookup_key).toBe("only-one");
  });

  test("metadata is merged; an empty value removes a key, an empty object removes all", async () => {
    const { stripe } = sandbox;
    const product = await stripe.products.create({ name: "Meta", metadata: { a: "1", b: "2" } });
    const merged = await stripe.products.update(product.id, { metadata: { b: "", c: "3" } });
    expect(merged.metadata).toEqual({ a: "1", c: "3" });
    expect((await stripe.products.update(product.id, { metadata: "" })).metadata).toEqual({});
  });

  test("a product with prices cannot be deleted; one without prices is returned as deleted", async () => {
    const { stripe } = sandbox;
    const { product } = await createPlan(stripe, "Kept", 100);
    expect((await failureOf(stripe.products.del(product.id))).statusCode).toBe(400);
    const free = await stripe.products.create({ name: "Free" });
    expect(await stripe.products.del(free.id)).toMatchObject({ id: free.id, deleted: true });
    expect(await stripe.products.retrieve(free.id)).toMatchObject({ deleted: true });
  });
});

describe("lists", () => {
  test("lists are sorted newest first, and auto-paging returns every row once", async () => {
    const { stripe } = sandbox;
    const email = "pages@example.com";
    const made: string[] = [];
    for (let count = 0; count < 7; count += 1) made.unshift((await stripe.customers.create({ email })).id);
    const first = await stripe.customers.list({ email, limit: 3 });
    expect(first.data.map((row) => row.id)).toEqual(made.slice(0, 3));
    expect(first.has_more).toBe(true);
    const next = await stripe.customers.list({ email, limit: 3, starting_after: made[2] ?? "" });
    expect(next.data.map((row) => row.id)).toEqual(made.slice(3, 6));
    const back = await stripe.customers.list({ email, limit: 2, ending_before: made[5] ?? "" });
    expect(back.data.map((row) => row.id)).toEqual(made.slice(3, 5));
    expect((await all(stripe.customers.list({ email, limit: 2 }))).map((row) => row.id)).toEqual(made);
  });

  test("a limit above 100 is rejected", async () => {
    expect((await failureOf(sandbox.stripe.customers.list({ limit: 101 }))).param).toBe("limit");
  });
});

describe("errors", () => {
  test("a missing or unknown API key returns 401", async () => {
    const { url } = sandbox;
    expect((await failureOf(clientOf(url, "sk_live_abc").customers.list())).type).toBe(
      "StripeAuthenticationError",
    );
    expect((await fetch(`${url}/v1/customers`)).status).toBe(401);
  });

  test("an unknown path returns 404 in Stripe's error format", async () => {
    const response = await raw("GET", "/v1/does_not_exist");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } });
    expect(response.headers.get("request-id")).toMatch(/^req_/);
  });

  test("an unknown parameter is named in the error, also when nested", async () => {
    const top = await raw("POST", "/v1/customers", "colour=green");
    expect(top.status).toBe(400);
    expect(await top.json()).toMatchObject({ error: { code: "parameter_unknown", param: "colour" } });
    const nested = await raw("POST", "/v1/customers", "invoice_settings[colour]=green");
    expect(await nested.json()).toMatchObject({
      error: { code: "parameter_unknown", param: "invoice_settings[colour]" },
    });
  });

  test("an unknown id returns resource_missing: 404 in the path, 400 as a parameter", async () => {
    const { stripe } = sandbox;
    const address = await failureOf(stripe.subscriptions.retrieve("sub_none"));
    expect([address.statusCode, address.code, address.param]).toEqual([404, "resource_missing", "id"]);
    const parameter = await failureOf(
      stripe.prices.create({ currency: "usd", unit_amount: 1, product: "prod_none" }),
    );
    expect([parameter.statusCode, parameter.code, parameter.param]).toEqual([
      400,
      "resource_missing",
      "product",
    ]);
  });

  test("a missing parameter is named in the error", async () => {
    const response = await raw("POST", "/v1/prices", "unit_amount=1");
    expect(await response.json()).toMatchObject({ error: { code: "parameter_missing", param: "currency" } });
  });

  test("a field without an id cannot be expanded", async () => {
    const customer = await sandbox.stripe.customers.create({ email: "x@example.com" });
    const error = await failureOf(sandbox.stripe.customers.retrieve(customer.id, { expand: ["email"] }));
    expect(error.message).toContain("cannot be expanded");
  });

  test("a parameter named like an Object.prototype property is an unknown parameter", async () => {
    const response = await raw("POST", "/v1/customers", "__proto__[polluted]=1&constructor=1");
    expect(response.status).toBe(400);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});

describe("idempotency keys", () => {
  test("an idempotency key returns the first response and rejects a different request", async () => {
    const { stripe } = sandbox;
    const input = { email: "once@example.com" };
    const first = await stripe.customers.create(input, { idempotencyKey: "once" });
    const second = await stripe.customers.create(input, { idempotencyKey: "once" });
    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers["idempotent-replayed"]).toBe("true");
    const other = await failureOf(
      stripe.customers.create({ email: "b@example.com" }, { idempotencyKey: "once" }),
    );
    expect(other.type).toBe("StripeIdempotencyError");
    expect((await all(stripe.customers.list({ email: "once@example.com" }))).length).toBe(1);
  });

  test("a rejected request does not consume its idempotency key", async () => {
    const headers = { "idempotency-key": "again" };
    expect((await raw("POST", "/v1/customers", "colour=green", headers)).status).toBe(400);
    expect((await raw("POST", "/v1/customers", "name=Ada", headers)).status).toBe(200);
  });
});
