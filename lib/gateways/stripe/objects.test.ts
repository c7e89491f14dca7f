import { expect, test } from "vitest";
import { toPrice } from "#lib/gateways/stripe/objects.ts";

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

test("a price keeps its lookup key through its metadata after the key moved to a newer price", () => {
  expect(toPrice({ ...price, lookup_key: "pro_month" }).lookupKey).toBe("pro_month");
  expect(toPrice({ ...price, metadata: { lookup_key: "pro_month" } }).lookupKey).toBe("pro_month");
  expect(toPrice(price).lookupKey).toBeNull();
});
