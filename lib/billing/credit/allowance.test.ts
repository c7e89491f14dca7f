import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextAllowanceAt } from "#lib/billing/credit/allowance.ts";
import { paidGrants } from "#lib/billing/credit/paid-grants.ts";
import { addMonths } from "#lib/core/clock.ts";
import type { StripeInvoice } from "#lib/gateways/stripe/invoice-objects.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";
import {
  addHours,
  dayMs,
  grantsDue,
  invoice,
  line,
  shortlyAfterStart,
  state,
  subscription,
} from "#tests/fixtures/stripe-state.ts";

describe("M10: the allowance of a paid period", () => {
  test("a paid period grants the plan's allowance from its start to its end", () => {
    expect(grantsDue(state(), shortlyAfterStart)).toEqual([
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
    "no allowance is granted while the invoice is %s",
    (status) => {
      expect(grantsDue(state({ invoices: [invoice([line()], { status })] }), shortlyAfterStart)).toEqual([]);
    },
  );

  test("the allowance is granted once when two invoices bill the same period", () => {
    const invoices = [invoice([line()]), invoice([line({ id: "il_2" })], { id: "in_2" })];
    expect(grantsDue(state({ invoices }), shortlyAfterStart)).toHaveLength(1);
  });

  test.each([
    ["a trial's line, which costs nothing (M11)", { amountCents: 0 }],
    ["a line without a subscription item", { subscriptionItemId: null }],
    ["a price that is not in our catalog", { priceId: "price_x" }],
    ["an unknown price", { priceId: "price_new" }],
  ])("no allowance is granted for %s", (_name, given) => {
    expect(grantsDue(state({ invoices: [invoice([line(given)])] }), shortlyAfterStart)).toEqual([]);
  });

  test("no allowance is granted when the month is over before the payment", () => {
    expect(grantsDue(state(), new Date("2026-02-28T12:00:00Z"))).toEqual([]);
  });

  test("a paid allowance is granted even if the subscription has ended since", () => {
    expect(
      grantsDue(state({ subscriptions: [subscription({ status: "canceled" })] }), shortlyAfterStart),
    ).toHaveLength(1);
  });

  test("the allowance is granted when Stripe's clock is slightly ahead of ours", () => {
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
  return state({
    subscriptions: [subscription(given)],
    invoices: [invoice([paid], { createdAt: periodStart })],
  });
}

describe("M10: a yearly plan", () => {
  const start = new Date("2026-01-31T12:00:00Z");

  test("a yearly plan grants each month's allowance at that month's start, clamped in short months", () => {
    expect(grantsDue(yearly(start), new Date("2026-02-28T12:00:00Z"))).toMatchObject([
      {
        amountMicros: 15_000_000,
        startsAt: new Date("2026-02-28T12:00:00Z"),
        expiresAt: new Date("2026-03-31T12:00:00Z"),
        sourceKey: "allowance:si_1:2026-02-28T12:00:00.000Z",
      },
    ]);
  });

  test.each(["past_due", "unpaid", "canceled", "paused"])(
    "a yearly plan grants no later month while it is %s",
    (status) => {
      expect(grantsDue(yearly(start, { status }), new Date("2026-03-01T00:00:00Z"))).toEqual([]);
      expect(grantsDue(yearly(start, { status }), addHours(start, 1))).toHaveLength(1);
    },
  );

  test("a month that started before a yearly plan ended is granted by the first sync after the end", () => {
    const ended = yearly(start, { status: "canceled", endedAt: new Date("2026-03-05T12:00:00Z") });
    const unpaid = invoice([], { id: "in_2", status: "open", createdAt: new Date("2026-02-20T12:00:00Z") });
    const keysAt = (at: string, more: StripeInvoice[] = []) =>
      grantsDue({ ...ended, invoices: [...ended.invoices, ...more] }, new Date(at)).map((g) => g.sourceKey);
    expect(keysAt("2026-03-06T12:00:00Z")).toEqual(["allowance:si_1:2026-02-28T12:00:00.000Z"]);
    expect(keysAt("2026-04-02T12:00:00Z")).toEqual([]);
    expect(keysAt("2026-03-06T12:00:00Z", [unpaid])).toEqual([]);
  });

  test("a year has twelve consecutive allowances without gaps, on every start day and in leap years", () => {
    const starts = fc.date({ noInvalidDate: true, min: new Date("2024-01-01"), max: new Date("2032-01-01") });
    fc.assert(
      fc.property(starts, fc.integer({ min: 0, max: 1 }), (periodStart, leapDays) => {
        // A year anchored to 29 February may end a day later, in a leap year.
        const periodEnd = new Date(addMonths(periodStart, 12).getTime() + leapDays * dayMs);
        const seen = new Map<string, { startsAt: Date; expiresAt: Date }>();
        for (let at = periodStart.getTime(); at < periodEnd.getTime(); at += dayMs)
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

  test("nextAllowanceAt returns the start of a yearly plan's next month", () => {
    const price = {
      id: "price_py",
      productId: "p",
      lookupKey: "pro_year",
      unitAmountCents: 19_000,
      currency: "usd",
      interval: "year",
      isMetered: false,
      active: true,
    };
    const items = [{ id: "si_1", price, quantity: 1, periodStart: start, periodEnd: addMonths(start, 12) }];
    expect(nextAllowanceAt([subscription({ items })], addHours(start, 1))).toEqual(
      new Date("2026-02-28T12:00:00Z"),
    );
    expect(nextAllowanceAt([subscription({ items, status: "canceled" })], addHours(start, 1))).toBeNull();
    // The cast is safe: items has one element.
    const monthly = [{ ...items[0], price: { ...price, lookupKey: "pro_month" } }] as typeof items;
    expect(nextAllowanceAt([subscription({ items: monthly })], addHours(start, 1))).toBeNull();
  });
});

function change(
  id: string,
  at: Date,
  from: string,
  to: string,
  given: Partial<StripeInvoice> = {},
  end = new Date("2026-02-28T12:00:00Z"),
): StripeInvoice {
  const proration = { isProration: true, periodStart: at, periodEnd: end };
  return invoice(
    [
      line({ ...proration, id: `${id}_credit`, priceId: from, amountCents: -500 }),
      line({ ...proration, id: `${id}_charge`, priceId: to, amountCents: 2_500 }),
    ],
    { id, billingReason: "subscription_update", ...given },
  );
}

describe("M12: an upgrade within the month", () => {
  const half = new Date("2026-02-14T12:00:00Z");
  const upgrade = change("in_up", half, "price_pm", "price_em");

  test("an upgrade grants the difference for the remaining time, expiring with the month", () => {
    const invoices = [invoice([line()]), upgrade];
    expect(grantsDue(state({ invoices }), addHours(half, 1))).toMatchObject([
      { amountMicros: 15_000_000, sourceKey: "allowance:si_1:2026-01-31T12:00:00.000Z" },
      {
        kind: "allowance",
        amountMicros: 42_500_000,
        startsAt: half,
        expiresAt: new Date("2026-02-28T12:00:00Z"),
        sourceKey: "upgrade:si_1:in_up",
      },
    ]);
  });

  test("an upgrade's grant is rounded down", () => {
    const at = new Date("2026-02-28T11:59:59.999Z");
    const invoices = [invoice([line()]), change("in_up", at, "price_pm", "price_em")];
    // 85 USD for one of 2,419,200,000 milliseconds.
    expect(grantsDue(state({ invoices }), at)[1]).toBeUndefined();
    const earlier = new Date("2026-02-28T11:59:59.900Z");
    const more = [invoice([line()]), change("in_up", earlier, "price_pm", "price_em")];
    expect(grantsDue(state({ invoices: more }), earlier)[1]).toMatchObject({ amountMicros: 3 });
  });

  test("an unpaid upgrade grants nothing", () => {
    const invoices = [invoice([line()]), { ...upgrade, status: "open" }];
    expect(grantsDue(state({ invoices }), addHours(half, 1))).toHaveLength(1);
  });

  test("an upgrade of a yearly plan grants the difference for the month, and later months have the new allowance", () => {
    const start = new Date("2026-01-31T12:00:00Z");
    const paid = line({ priceId: "price_py", periodStart: start, periodEnd: addMonths(start, 12) });
    const upgraded = change("in_up", half, "price_py", "price_ey", { createdAt: half }, addMonths(start, 12));
    const invoices = [invoice([paid]), upgraded];
    expect(grantsDue(state({ invoices }), addHours(half, 1)).map(({ amountMicros }) => amountMicros)).toEqual(
      [15_000_000, 42_500_000],
    );
    expect(grantsDue(state({ invoices }), new Date("2026-03-01T00:00:00Z"))).toMatchObject([
      { amountMicros: 100_000_000, startsAt: new Date("2026-02-28T12:00:00Z") },
    ]);
  });

  test("a change from monthly to yearly deducts the credited part of the old month from the first month", () => {
    const paid = line({ priceId: "price_py", periodStart: half, periodEnd: addMonths(half, 12) });
    const credit = line({ isProration: true, amountCents: -950, periodStart: half });
    const invoices = [invoice([line()]), invoice([credit, paid], { id: "in_year", createdAt: half })];
    expect(grantsDue(state({ invoices }), addHours(half, 1))).toMatchObject([
      { amountMicros: 15_000_000, sourceKey: "allowance:si_1:2026-01-31T12:00:00.000Z" },
      { amountMicros: 7_500_000, sourceKey: "allowance:si_1:2026-02-14T12:00:00.000Z" },
    ]);
  });

  test("known failure mode: upgrade on the last day farms credit: no sequence of upgrades grants more in a month than the highest plan's allowance", () => {
    const startMs = Date.parse("2026-01-31T12:00:00Z");
    const endMs = Date.parse("2026-02-28T12:00:00Z");
    const moments = fc.array(fc.integer({ min: startMs, max: endMs - 1 }), { maxLength: 8 });
    fc.assert(
      fc.property(moments, fc.boolean(), (times, beginsHigh) => {
        let current = beginsHigh ? "price_em" : "price_pm";
        const first = invoice([line({ priceId: current })]);
        const changes = [...times]
          .sort((a, b) => a - b)
          .map((time, index) => {
            const next = current === "price_em" ? "price_pm" : "price_em";
            const made = change(`in_${index + 2}`, new Date(time), current, next);
            current = next;
            return made;
          });
        const grants = paidGrants(state({ invoices: [first, ...changes] }));
        const total = grants.reduce((sum, { amountMicros, unused }) => sum + amountMicros - unused.micros, 0);
        const highest = beginsHigh || times.length > 0 ? 100_000_000 : 15_000_000;
        expect(total).toBeLessThanOrEqual(highest);
        expect(new Set(grants.map(({ sourceKey }) => sourceKey)).size).toBe(grants.length);
      }),
    );
  });
});
