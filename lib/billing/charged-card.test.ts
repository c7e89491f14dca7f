import { expect, test } from "vitest";
import { chargedCardOf } from "#lib/billing/charged-card.ts";
import type { StripeCard } from "#lib/gateways/stripe-card.ts";
import type { StripeSubscription } from "#lib/gateways/stripe-objects.ts";

const card = (last4: string): StripeCard => ({
  methodId: `pm_${last4}`,
  brand: "visa",
  last4,
  expMonth: 12,
  expYear: 2034,
  fingerprint: null,
  addedAt: new Date(0),
});
const details = { card: card("1111"), name: null, address: null, taxIds: [], cardChoice: null };
const subscription = (status: string, own: StripeCard | null): StripeSubscription => ({
  id: `sub_${status}`,
  status,
  cancelAtPeriodEnd: false,
  cancelAt: null,
  canceledAt: null,
  endedAt: null,
  trialStartedAt: null,
  trialEndsAt: null,
  soldAsTrial: false,
  pausedAt: null,
  latestInvoiceId: null,
  pendingUntil: null,
  scheduleId: null,
  storeNote: null,
  discounts: [],
  card: own,
  createdAt: new Date(0),
  items: [],
});

test.each([
  ["the running subscription's own", [subscription("past_due", card("2222"))], "2222"],
  ["the customer's where the subscription has none", [subscription("active", null)], "1111"],
  ["the customer's where the subscription has ended", [subscription("canceled", card("2222"))], "1111"],
  ["the customer's where there is no subscription", [], "1111"],
])("the card that is charged is %s", (_name, subscriptions, last4) => {
  expect(chargedCardOf({ details, subscriptions })?.last4).toBe(last4);
});

test("nothing is charged of a customer who was deleted", () => {
  expect(chargedCardOf({ details: null, subscriptions: [subscription("active", card("2222"))] })).toBeNull();
});
