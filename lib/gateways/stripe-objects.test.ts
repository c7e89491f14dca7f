import { expect, test } from "vitest";
import { priceOf } from "#lib/gateways/stripe-objects.ts";

const price = {
  id: "price_1",
  product: "prod_1",
  metadata: {},
  lookup_key: null,
  unit_amount: 1_900,
  currency: "usd",
  recurring: null,
  active: true,
};

test("a price is known by its lookup key, and by its metadata after the key has moved on to a newer price", () => {
  expect(priceOf({ ...price, lookup_key: "pro_month" }).lookupKey).toBe("pro_month");
  expect(priceOf({ ...price, metadata: { lookup_key: "pro_month" } }).lookupKey).toBe("pro_month");
  expect(priceOf(price).lookupKey).toBeNull();
});
