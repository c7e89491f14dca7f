import { expect, test } from "vitest";
import { toEvent } from "#lib/gateways/stripe/events/event.ts";

test.each([
  ["a customer", { object: "customer", id: "cus_1" }, "cus_1"],
  ["an invoice", { object: "invoice", id: "in_1", customer: "cus_1" }, "cus_1"],
  [
    "a charge with an expanded customer",
    { object: "charge", id: "ch_1", customer: { id: "cus_1" } },
    "cus_1",
  ],
  ["a charge without a customer", { object: "charge", id: "ch_1", customer: null }, null],
  ["a product", { object: "product", id: "prod_1" }, null],
])("the event of %s names its customer, if it has one", (_name, object, customerId) => {
  const event = { id: "evt_1", type: "invoice.paid" as const, livemode: false, created: 1, data: { object } };
  expect(toEvent(event)).toMatchObject({ id: "evt_1", customerId, createdAt: new Date(1_000) });
});

test("the event of a detached card names its previous customer", () => {
  const event = { id: "evt_1", type: "payment_method.detached" as const, livemode: false, created: 1 };
  const object = { object: "payment_method", id: "pm_1", customer: null };
  const data = { object, previous_attributes: { customer: "cus_1" } };
  expect(toEvent({ ...event, data }).customerId).toBe("cus_1");
});
