import { expect, test } from "vitest";
import { decideCheckout } from "#lib/billing/decide-checkout.ts";
import { findOffer, type Offer } from "#lib/billing/plans.ts";
import type { StripeCheckoutSession, StripeSubscription } from "#lib/gateways/stripe-objects.ts";

const at = new Date("2026-11-23T12:00:00Z");
const session = (given: Partial<StripeCheckoutSession> = {}): StripeCheckoutSession => ({
  id: "cs_1",
  customerId: "cus_1",
  mode: "subscription",
  status: "open",
  paymentStatus: "unpaid",
  subscriptionId: null,
  paymentIntentId: null,
  lookupKey: "pro_month",
  url: "https://pay.example/cs_1",
  createdAt: at,
  expiresAt: new Date(at.getTime() + 86_400_000),
  ...given,
});
const running = (status: string): StripeSubscription => ({
  id: "sub_1",
  status,
  cancelAtPeriodEnd: false,
  cancelAt: null,
  canceledAt: null,
  endedAt: null,
  trialStartedAt: null,
  trialEndsAt: null,
  pausedAt: null,
  latestInvoiceId: null,
  pendingUntil: null,
  scheduleId: null,
  card: null,
  createdAt: at,
  items: [],
});
function offer(lookupKey: string): Offer {
  const found = findOffer(lookupKey);
  if (found === undefined) throw new Error(`no offer ${lookupKey}`);
  return found;
}
const decide = (sessions: StripeCheckoutSession[], lookupKey = "pro_month", status?: string) =>
  decideCheckout({ sessions, subscriptions: status ? [running(status)] : [] }, offer(lookupKey), at);

test("the first Checkout opens a page and closes none", () => {
  expect(decide([])).toEqual({ kind: "open", expire: [] });
});

test("the same price again leads to the page that is open", () => {
  expect(decide([session()])).toMatchObject({ kind: "reuse", url: "https://pay.example/cs_1" });
});

test("another price closes the page that is open", () => {
  expect(decide([session()], "enterprise_year")).toMatchObject({ kind: "open", expire: [{ id: "cs_1" }] });
});

test("a page about to close is replaced", () => {
  const expiresAt = new Date(at.getTime() + 60_000);
  expect(decide([session({ expiresAt })])).toMatchObject({ kind: "open", expire: [{ id: "cs_1" }] });
});

test("pages that are closed, or sell something else, are left alone", () => {
  const others = [
    session({ status: "complete" }),
    session({ status: "expired" }),
    session({ mode: "payment" }),
  ];
  expect(decide(others)).toEqual({ kind: "open", expire: [] });
});

test.each(["active", "trialing", "past_due", "unpaid", "paused", "incomplete"])(
  "a subscription that is %s refuses a second one, also where a page is open",
  (status) => {
    expect(() => decide([session()], "pro_month", status)).toThrow(
      expect.objectContaining({ code: "conflict" }),
    );
  },
);

test.each(["canceled", "incomplete_expired"])("a subscription that is %s is in nobody's way", (status) => {
  expect(decide([], "pro_month", status)).toEqual({ kind: "open", expire: [] });
});
