import { expect, test } from "vitest";
import { eventOf } from "#lib/gateways/stripe-event.ts";

test.each([
  ["a customer", { object: "customer", id: "cus_1" }, "cus_1"],
  ["what belongs to a customer", { object: "invoice", id: "in_1", customer: "cus_1" }, "cus_1"],
  ["what has its customer expanded", { object: "charge", id: "ch_1", customer: { id: "cus_1" } }, "cus_1"],
  ["what has no customer", { object: "charge", id: "ch_1", customer: null }, null],
  ["what knows none", { object: "product", id: "prod_1" }, null],
])("an event about %s says whom it concerns", (_name, object, customerId) => {
  const event = { id: "evt_1", type: "invoice.paid" as const, livemode: false, created: 1, data: { object } };
  expect(eventOf(event)).toMatchObject({ id: "evt_1", customerId, createdAt: new Date(1_000) });
});

test("an event about a card that was taken from a customer concerns that customer", () => {
  const event = { id: "evt_1", type: "payment_method.detached" as const, livemode: false, created: 1 };
  const object = { object: "payment_method", id: "pm_1", customer: null };
  const data = { object, previous_attributes: { customer: "cus_1" } };
  expect(eventOf({ ...event, data }).customerId).toBe("cus_1");
});
