import { expect, test } from "vitest";
import { findDefaultCard } from "#lib/billing/customer/default-card.ts";
import type { StripeCard } from "#lib/gateways/stripe/card.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";

const card = (last4: string): StripeCard => ({
  methodId: `pm_${last4}`,
  brand: "visa",
  last4,
  expMonth: 12,
  expYear: 2034,
  fingerprint: null,
  addedAt: new Date(0),
});
const details = {
  card: card("1111"),
  name: null,
  address: null,
  taxIds: [],
  currency: null,
  cardChoice: null,
  preferredLocales: [],
};
const proPrice = {
  id: "price_pm",
  productId: "prod_pro",
  lookupKey: "pro_month",
  unitAmountCents: 1_900,
  currency: "usd",
  interval: "month",
  isMetered: false,
  active: true,
};
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
  customerId: "cus_1",
  collectionPause: null,
  collectionResumesAt: null,
  collectionMethod: "charge_automatically",
  latestInvoiceId: null,
  pendingUntil: null,
  scheduleId: null,
  suspendedChange: null,
  discounts: [],
  card: own,
  createdAt: new Date(0),
  items: [{ id: "si_1", price: proPrice, quantity: 1, periodStart: new Date(0), periodEnd: new Date(0) }],
});

test.each([
  ["the running subscription's own", [subscription("past_due", card("2222"))], "2222"],
  ["the customer's if the subscription has none", [subscription("active", null)], "1111"],
  ["the customer's if the subscription has ended", [subscription("canceled", card("2222"))], "1111"],
  ["the customer's without a subscription", [], "1111"],
])("the default card is %s", (_name, subscriptions, last4) => {
  expect(findDefaultCard({ details, subscriptions })?.last4).toBe(last4);
});

test("a deleted customer has no default card", () => {
  expect(
    findDefaultCard({ details: null, subscriptions: [subscription("active", card("2222"))] }),
  ).toBeNull();
});
