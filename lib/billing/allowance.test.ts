import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grantsDue, nextMonthAt, type PaidFor } from "#lib/billing/allowance.ts";
import type { StripeInvoice, StripeInvoiceLine, StripeSubscription } from "#lib/gateways/stripe-objects.ts";
import { addMonths } from "#lib/ground/clock.ts";

const dayMs = 86_400_000;
const hour = (date: Date, hours: number) => new Date(date.getTime() + hours * 3_600_000);

const lookupKeys = new Map([
  ["price_pm", "pro_month"],
  ["price_py", "pro_year"],
  ["price_em", "enterprise_month"],
  ["price_x", null],
]);

const line = (given: Partial<StripeInvoiceLine> = {}): StripeInvoiceLine => ({
  id: "il_1",
  subscriptionItemId: "si_1",
  priceId: "price_pm",
  isProration: false,
  amountCents: 1_900,
  periodStart: new Date("2026-01-31T12:00:00Z"),
  periodEnd: new Date("2026-02-28T12:00:00Z"),
  ...given,
});

const invoice = (lines: StripeInvoiceLine[], given: Partial<StripeInvoice> = {}): StripeInvoice => ({
  id: "in_1",
  subscriptionId: "sub_1",
  number: null,
  status: "paid",
  billingReason: "subscription_create",
  currency: "usd",
  totalCents: 1_900,
  amountPaidCents: 1_900,
  amountDueCents: 1_900,
  periodStart: new Date("2026-01-31T12:00:00Z"),
  periodEnd: new Date("2026-01-31T12:00:00Z"),
  hostedUrl: null,
  pdfUrl: null,
  attemptCount: 1,
  nextPaymentAttemptAt: null,
  createdAt: new Date("2026-01-31T12:00:00Z"),
  finalizedAt: null,
  paidAt: null,
  lines,
  hasMoreLines: false,
  ...given,
});

const subscription = (given: Partial<StripeSubscription> = {}): StripeSubscription => ({
  id: "sub_1",
  status: "active",
  cancelAtPeriodEnd: false,
  cancelAt: null,
  canceledAt: null,
  endedAt: null,
  trialStartedAt: null,
  trialEndsAt: null,
  pausedAt: null,
  latestInvoiceId: "in_1",
  createdAt: new Date("2026-01-31T12:00:00Z"),
  items: [],
  ...given,
});

const state = (given: Partial<PaidFor> = {}): PaidFor => ({
  subscriptions: [subscription()],
  invoices: [invoice([line()])],
  lookupKeys,
  ...given,
});
const soon = new Date("2026-01-31T12:00:05Z");

describe("M10: the allowance of a paid period", () => {
  test("is the plan's, from the period's start to its end, once for the item and the period", () => {
    expect(grantsDue(state(), soon)).toEqual([
      {
        kind: "allowance",
        amountMicros: 15_000_000,
        startsAt: new Date("2026-01-31T12:00:00Z"),
        expiresAt: new Date("2026-02-28T12:00:00Z"),
        sourceKey: "allowance:si_1:2026-01-31T12:00:00.000Z",
      },
    ]);
  });

  test.each(["draft", "open", "void", "uncollectible"])(
    "is not granted while its invoice is %s",
    (status) => {
      expect(grantsDue(state({ invoices: [invoice([line()], { status })] }), soon)).toEqual([]);
    },
  );

  test("is granted once when two invoices name the same period", () => {
    const invoices = [invoice([line()]), invoice([line({ id: "il_2" })], { id: "in_2" })];
    expect(grantsDue(state({ invoices }), soon)).toHaveLength(1);
  });

  test.each([
    ["a proration", { isProration: true }],
    ["a trial's line, which costs nothing (M11)", { amountCents: 0 }],
    ["a line without a subscription", { subscriptionItemId: null }],
    ["a price that is not ours", { priceId: "price_x" }],
    ["a price never seen", { priceId: "price_new" }],
  ])("is not granted for %s", (_name, given) => {
    expect(grantsDue(state({ invoices: [invoice([line(given)])] }), soon)).toEqual([]);
  });

  test("is not granted when the month is over by the time it is paid", () => {
    expect(grantsDue(state(), new Date("2026-02-28T12:00:00Z"))).toEqual([]);
  });

  test("was paid for, and is granted, though the subscription has ended since", () => {
    expect(grantsDue(state({ subscriptions: [subscription({ status: "canceled" })] }), soon)).toHaveLength(1);
  });

  test("is granted when Stripe's clock is a little ahead of ours", () => {
    const early = new Date("2026-01-31T11:59:58Z");
    expect(grantsDue(state(), early)).toHaveLength(1);
    expect(grantsDue(yearly(new Date("2026-01-31T12:00:00Z")), early)).toHaveLength(1);
  });
});

function yearly(
  periodStart: Date,
  given: Partial<StripeSubscription> = {},
  periodEnd = addMonths(periodStart, 12),
) {
  const paid = line({ priceId: "price_py", amountCents: 19_000, periodStart, periodEnd });
  return state({ subscriptions: [subscription(given)], invoices: [invoice([paid])] });
}

describe("M10: a yearly plan", () => {
  const start = new Date("2026-01-31T12:00:00Z");

  test("gives each month's allowance at that month's start, clamped where a month is short", () => {
    expect(grantsDue(yearly(start), new Date("2026-02-28T12:00:00Z"))).toMatchObject([
      {
        amountMicros: 15_000_000,
        startsAt: new Date("2026-02-28T12:00:00Z"),
        expiresAt: new Date("2026-03-31T12:00:00Z"),
        sourceKey: "allowance:si_1:2026-02-28T12:00:00.000Z",
      },
    ]);
  });

  test.each(["past_due", "unpaid", "canceled", "paused"])("gives no later month while it is %s", (status) => {
    expect(grantsDue(yearly(start, { status }), new Date("2026-03-01T00:00:00Z"))).toEqual([]);
    expect(grantsDue(yearly(start, { status }), hour(start, 1))).toHaveLength(1);
  });

  test("gives twelve allowances in a year, one after the other without a gap, whatever the day and the leap years", () => {
    const starts = fc.date({ noInvalidDate: true, min: new Date("2024-01-01"), max: new Date("2032-01-01") });
    fc.assert(
      fc.property(starts, fc.integer({ min: 0, max: 1 }), (periodStart, leapDays) => {
        // A year anchored to 29 February ends a day later than the date alone says, in a leap year.
        const periodEnd = new Date(addMonths(periodStart, 12).getTime() + leapDays * dayMs);
        const seen = new Map<string, { startsAt: Date; expiresAt: Date }>();
        for (let at = periodStart.getTime(); at < periodEnd.getTime(); at += dayMs / 2)
          for (const grant of grantsDue(yearly(periodStart, {}, periodEnd), new Date(at)))
            seen.set(grant.sourceKey, grant);
        const months = [...seen.values()];
        expect(months).toHaveLength(12);
        expect(months[0]?.startsAt).toEqual(periodStart);
        expect(months.at(-1)?.expiresAt).toEqual(periodEnd);
        for (const [index, month] of months.entries())
          if (index > 0) expect(month.startsAt).toEqual(months[index - 1]?.expiresAt);
      }),
      { numRuns: 30 },
    );
  });

  test("announces when its next month begins", () => {
    const price = {
      id: "price_py",
      productId: "p",
      lookupKey: "pro_year",
      unitAmountCents: 19_000,
      currency: "usd",
      interval: "year",
      active: true,
    };
    const items = [{ id: "si_1", price, quantity: 1, periodStart: start, periodEnd: addMonths(start, 12) }];
    expect(nextMonthAt([subscription({ items })], hour(start, 1))).toEqual(new Date("2026-02-28T12:00:00Z"));
    expect(nextMonthAt([subscription({ items, status: "canceled" })], hour(start, 1))).toBeNull();
    const monthly = [{ ...items[0], price: { ...price, lookupKey: "pro_month" } }] as typeof items; // One item, changed.
    expect(nextMonthAt([subscription({ items: monthly })], hour(start, 1))).toBeNull();
  });
});

describe("M11: a trial", () => {
  const trialEndsAt = new Date("2026-02-14T12:00:00Z");
  const trial = { status: "trialing", trialStartedAt: new Date("2026-01-31T12:00:00Z"), trialEndsAt };

  test("gives 5 USD that end with it, and no allowance of the plan", () => {
    const free = invoice([line({ amountCents: 0, periodEnd: trialEndsAt })], { totalCents: 0 });
    expect(grantsDue(state({ subscriptions: [subscription(trial)], invoices: [free] }), soon)).toEqual([
      {
        kind: "trial",
        amountMicros: 5_000_000,
        startsAt: trial.trialStartedAt,
        expiresAt: trialEndsAt,
        sourceKey: "trial:sub_1",
      },
    ]);
  });

  test("is followed by a first paid month that is granted in full", () => {
    const paid = invoice([line({ periodStart: trialEndsAt, periodEnd: addMonths(trialEndsAt, 1) })]);
    const after = state({ subscriptions: [subscription({ ...trial, status: "active" })], invoices: [paid] });
    expect(grantsDue(after, hour(trialEndsAt, 1))).toMatchObject([
      { kind: "allowance", amountMicros: 15_000_000 },
    ]);
  });
});
