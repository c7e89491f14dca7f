import { describe, expect, test } from "vitest";
import { grantsDue as allGrantsDue, grantsToRevoke } from "#lib/billing/credit/grants-due.ts";
import { addMonths } from "#lib/core/clock.ts";
import {
  addHours,
  grantsDue,
  invoice,
  line,
  shortlyAfterStart,
  state,
  subscription,
} from "#tests/fixtures/stripe-state.ts";

describe("M11: a trial", () => {
  const trialEndsAt = new Date("2026-02-14T12:00:00Z");
  const trial = { status: "trialing", trialStartedAt: new Date("2026-01-31T12:00:00Z"), trialEndsAt };

  test("a trial grants 5 USD that expire with it, and no allowance", () => {
    const free = invoice([line({ amountCents: 0, periodEnd: trialEndsAt })], { totalCents: 0 });
    expect(
      grantsDue(state({ subscriptions: [subscription(trial)], invoices: [free] }), shortlyAfterStart),
    ).toEqual([
      {
        kind: "trial",
        amountMicros: 5_000_000,
        startsAt: trial.trialStartedAt,
        expiresAt: trialEndsAt,
        sourceKey: "trial:sub_1",
      },
    ]);
  });

  test("the first paid month after a trial is granted in full", () => {
    const paid = invoice([line({ periodStart: trialEndsAt, periodEnd: addMonths(trialEndsAt, 1) })]);
    const after = state({ subscriptions: [subscription({ ...trial, status: "active" })], invoices: [paid] });
    expect(grantsDue(after, addHours(trialEndsAt, 1))).toMatchObject([
      { kind: "allowance", amountMicros: 15_000_000 },
    ]);
  });
});

describe("M13: a renewal that fails", () => {
  const failedAt = new Date("2026-02-28T13:00:00Z");
  const price = { id: "price_pm", productId: "p", lookupKey: "pro_month", unitAmountCents: 1_900 };
  const items = [
    {
      id: "si_1",
      price: { ...price, currency: "usd", interval: "month", isMetered: false, active: true },
      quantity: 1,
      periodStart: new Date("2026-02-28T12:00:00Z"),
      periodEnd: new Date("2026-03-31T12:00:00Z"),
    },
  ];
  const renewal = line({
    periodStart: new Date("2026-02-28T12:00:00Z"),
    periodEnd: new Date("2026-03-31T12:00:00Z"),
  });
  const billed = { id: "in_2", billingReason: "subscription_cycle", createdAt: addHours(failedAt, -1) };
  const unpaid = invoice([renewal], { ...billed, status: "open", attemptCount: 1, finalizedAt: failedAt });

  const grace = {
    kind: "grace",
    amountMicros: 1_500_000,
    startsAt: new Date("2026-02-28T12:00:00Z"),
    expiresAt: new Date("2026-03-03T13:00:00Z"),
    sourceKey: "grace:in_2",
  };

  test.each([
    ["a draft", { status: "draft", attemptCount: 0, finalizedAt: null }],
    ["final and not attempted", { status: "open", attemptCount: 0 }],
  ])("the grace grant is issued before Stripe attempts the renewal: the invoice is %s", (_, given) => {
    const invoices = [invoice([line()]), { ...unpaid, ...given }];
    const renewed = state({ invoices, subscriptions: [subscription({ items })] });
    expect(grantsDue(renewed, addHours(failedAt, -1))).toEqual([grace]);
    expect(grantsToRevoke(renewed)).not.toContainEqual({ sourceKey: "grace:in_2", endedAt: null });
  });

  test.each([
    ["another period", { lines: [line()] }],
    ["a change of plan", { billingReason: "subscription_update" }],
    ["another subscription", { subscriptionId: "sub_2" }],
  ])("no grace grant is issued for an invoice of %s", (_, given) => {
    const draft = { ...unpaid, status: "draft", attemptCount: 0, finalizedAt: null, ...given };
    const renewed = state({ invoices: [draft], subscriptions: [subscription({ items })] });
    expect(grantsDue(renewed, addHours(failedAt, -1))).toEqual([]);
  });

  test("the grace grant is 3/30 of the allowance for three days", () => {
    const invoices = [invoice([line()]), unpaid];
    const pastDue = state({ invoices, subscriptions: [subscription({ status: "past_due", items })] });
    expect(grantsDue(pastDue, addHours(failedAt, 1))).toEqual([grace]);
    expect(grantsDue(pastDue, new Date("2026-03-03T13:00:00Z"))).toEqual([]);
  });

  test("a paid renewal names the grace grant to deduct from its allowance", () => {
    const invoices = [invoice([line()]), { ...unpaid, status: "paid" }];
    expect(allGrantsDue(state({ invoices }), addHours(failedAt, 1))).toMatchObject([
      { amountMicros: 15_000_000, graceKey: "grace:in_2" },
    ]);
  });
});

describe("M15: a top-up", () => {
  const session = {
    id: "cs_1",
    customerId: "cus_1",
    mode: "payment",
    status: "complete" as const,
    paymentStatus: "paid",
    subscriptionId: null,
    paymentIntentId: "pi_1",
    lookupKey: "top_up_20",
    url: null,
    clientSecret: null,
    isCardChange: false,
    delayedPaymentFailed: false,
    chosenCard: null,
    createdAt: new Date("2026-01-31T12:00:00Z"),
    expiresAt: new Date("2026-02-01T12:00:00Z"),
  };
  const topUpGrants = (given: Partial<typeof session> = {}) =>
    grantsDue(state({ invoices: [], sessions: [{ ...session, ...given }] }), shortlyAfterStart);

  test("a top-up is granted once per payment, for twelve months", () => {
    expect(topUpGrants()).toEqual([
      {
        kind: "top_up",
        amountMicros: 20_000_000,
        startsAt: session.createdAt,
        expiresAt: new Date("2027-01-31T12:00:00Z"),
        sourceKey: "top_up:pi_1",
      },
    ]);
  });

  test("a top-up on an invoice that an administrator made is granted when the invoice is paid", () => {
    const topUp = { subscriptionItemId: null, subscriptionId: null, priceId: "price_top_up", quantity: 2 };
    const made = invoice([line({ ...topUp, amountCents: 4_000 })], { subscriptionId: null });
    const prices = new Map([["price_top_up", "top_up_20"]]);
    const grantsFor = (status: string) =>
      grantsDue(
        state({ subscriptions: [], invoices: [{ ...made, status }], lookupKeys: prices }),
        shortlyAfterStart,
      );
    expect(grantsFor("open")).toEqual([]);
    expect(grantsFor("paid")).toMatchObject([
      { kind: "top_up", amountMicros: 40_000_000, sourceKey: "top_up:in_1" },
    ]);
  });

  test.each([
    ["its payment has not succeeded", { paymentStatus: "unpaid" }],
    ["it is not a top-up", { lookupKey: "pro_month" }],
    ["it is a subscription's Checkout", { mode: "subscription" }],
  ])("nothing is granted for a session if %s", (_why, given) => {
    expect(topUpGrants(given)).toEqual([]);
  });
});
