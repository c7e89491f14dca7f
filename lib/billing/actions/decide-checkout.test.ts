import { expect, test } from "vitest";
import { decideCheckout } from "#lib/billing/actions/decide-checkout.ts";
import { type CheckoutOffer, findCheckoutOffer } from "#lib/billing/catalog/trial-offer.ts";
import type { StripeCheckoutSession, StripeSubscription } from "#lib/gateways/stripe/objects.ts";

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
  delayedPaymentFailed: false,
  chosenCard: null,
  createdAt: at,
  expiresAt: new Date(at.getTime() + 86_400_000),
  ...given,
});
const subscription = (status: string): StripeSubscription => ({
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
  customerId: "cus_1",
  collectionPause: null,
  collectionResumesAt: null,
  collectionMethod: "charge_automatically",
  latestInvoiceId: null,
  pendingUntil: null,
  scheduleId: null,
  suspendedChange: null,
  discounts: [],
  card: null,
  createdAt: at,
  items: [],
});
function offer(lookupKey: string): CheckoutOffer {
  const found = findCheckoutOffer(lookupKey);
  if (found === undefined) throw new Error(`no offer ${lookupKey}`);
  return found;
}
const decide = (sessions: StripeCheckoutSession[], lookupKey = "pro_month", status?: string) =>
  decideCheckout({ sessions, subscriptions: status ? [subscription(status)] : [] }, offer(lookupKey), at);

test("the first Checkout opens a page and expires none", () => {
  expect(decide([])).toEqual({ kind: "open", expire: [] });
});

test("a repeated Checkout for the same price reuses the open page", () => {
  expect(decide([session()])).toMatchObject({ kind: "reuse", url: "https://pay.example/cs_1" });
});

test("a Checkout for another price expires the open page", () => {
  expect(decide([session()], "enterprise_year")).toMatchObject({ kind: "open", expire: [{ id: "cs_1" }] });
});

test("a page that expires soon is replaced", () => {
  const expiresAt = new Date(at.getTime() + 60_000);
  expect(decide([session({ expiresAt })])).toMatchObject({ kind: "open", expire: [{ id: "cs_1" }] });
});

test("closed pages and pages of other modes are ignored", () => {
  const others = [
    session({ status: "complete" }),
    session({ status: "expired" }),
    session({ mode: "payment" }),
  ];
  expect(decide(others)).toEqual({ kind: "open", expire: [] });
});

test.each(["active", "trialing", "past_due", "unpaid", "paused", "incomplete"])(
  "a subscription that is %s prevents a second one, even if a page is open",
  (status) => {
    expect(() => decide([session()], "pro_month", status)).toThrow(
      expect.objectContaining({ code: "conflict" }),
    );
  },
);

test.each(["canceled", "incomplete_expired"])(
  "a subscription that is %s does not prevent a new one",
  (status) => {
    expect(decide([], "pro_month", status)).toEqual({ kind: "open", expire: [] });
  },
);

test("a trial and its plan are different offers, although they have the same price", () => {
  const trial = session({ lookupKey: "pro_trial" });
  expect(decide([trial], "pro_trial")).toMatchObject({ kind: "reuse", session: { id: "cs_1" } });
  expect(decide([trial], "pro_month")).toMatchObject({ kind: "open", expire: [{ id: "cs_1" }] });
  expect(decide([session()], "pro_trial")).toMatchObject({ kind: "open", expire: [{ id: "cs_1" }] });
});

test("M11: a customer who had a trial can buy the plan but not start a second trial", () => {
  const tried = { sessions: [], subscriptions: [{ ...subscription("canceled"), soldAsTrial: true }] };
  expect(() => decideCheckout(tried, offer("pro_trial"), at)).toThrow(
    expect.objectContaining({ code: "trial_used" }),
  );
  expect(decideCheckout(tried, offer("pro_month"), at)).toEqual({ kind: "open", expire: [] });
  const manualTrial = { sessions: [], subscriptions: [subscription("canceled")] };
  expect(decideCheckout(manualTrial, offer("pro_trial"), at)).toEqual({ kind: "open", expire: [] });
});
