import { expect, test } from "vitest";
import { decideCheckout } from "#lib/billing/decide-checkout.ts";
import { findSale, type Sale } from "#lib/billing/trial.ts";
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
  clientSecret: null,
  isCardChange: false,
  chosenCard: null,
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
  soldAsTrial: false,
  pausedAt: null,
  latestInvoiceId: null,
  pendingUntil: null,
  scheduleId: null,
  storeNote: null,
  discounts: [],
  card: null,
  createdAt: at,
  items: [],
});
function sale(lookupKey: string): Sale {
  const found = findSale(lookupKey);
  if (found === undefined) throw new Error(`no sale ${lookupKey}`);
  return found;
}
const decide = (sessions: StripeCheckoutSession[], lookupKey = "pro_month", status?: string) =>
  decideCheckout({ sessions, subscriptions: status ? [running(status)] : [] }, sale(lookupKey), at);

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

test("a trial's page and the plan's own are different offers, though both lead to the same price", () => {
  const trial = session({ lookupKey: "pro_trial" });
  expect(decide([trial], "pro_trial")).toMatchObject({ kind: "reuse", session: { id: "cs_1" } });
  expect(decide([trial], "pro_month")).toMatchObject({ kind: "open", expire: [{ id: "cs_1" }] });
  expect(decide([session()], "pro_trial")).toMatchObject({ kind: "open", expire: [{ id: "cs_1" }] });
});

test("M11: who had a trial of ours is sold the plan and no second trial, also where only Stripe knows of the first", () => {
  const tried = { sessions: [], subscriptions: [{ ...running("canceled"), soldAsTrial: true }] };
  expect(() => decideCheckout(tried, sale("pro_trial"), at)).toThrow(
    expect.objectContaining({ code: "trial_used" }),
  );
  expect(decideCheckout(tried, sale("pro_month"), at)).toEqual({ kind: "open", expire: [] });
  const byHand = { sessions: [], subscriptions: [running("canceled")] };
  expect(decideCheckout(byHand, sale("pro_trial"), at)).toEqual({ kind: "open", expire: [] });
});
