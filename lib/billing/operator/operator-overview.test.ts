import { expect, test } from "vitest";
import { churnOf, fillGaps } from "#lib/billing/operator/operator-overview.ts";
import type { RevenueDay } from "#lib/billing/reports/revenue.ts";

const day = (name: string, mrrCents: number, started: number) => ({
  ...{ day: name, mrrCents, started, paying: 2, trialing: 1, pastDue: 0, ended: 1, failedPayments: 3 },
});

test("a missing day repeats the levels of the previous day without events", () => {
  const days = fillGaps([day("2026-12-30", 1_900, 1), day("2027-01-02", 3_800, 2)]);
  const unchanged = { mrrCents: 1_900, paying: 2, trialing: 1, started: 0, ended: 0, failedPayments: 0 };
  expect(days).toMatchObject([
    { day: "2026-12-30", started: 1, failedPayments: 3 },
    { day: "2026-12-31", ...unchanged },
    { day: "2027-01-01", ...unchanged },
    { day: "2027-01-02", mrrCents: 3_800, started: 2 },
  ]);
});

test("consecutive days are returned unchanged", () => {
  const days = [day("2026-12-30", 1_900, 1), day("2026-12-31", 1_900, 0)];
  expect(fillGaps(days)).toEqual(days);
  expect(fillGaps([])).toEqual([]);
});

test("churn counts the subscriptions that ended after a day, out of those paying at its end", () => {
  const day = (name: string, paying: number, ended: number): RevenueDay => ({
    ...{ day: name, paying, ended, mrrCents: 0, trialing: 0, pastDue: 1, started: 0, failedPayments: 0 },
  });
  const days = [day("2026-01-01", 9, 5), day("2026-01-02", 7, 2), day("2026-01-03", 8, 1)];
  expect(churnOf(days, "2026-01-01")).toEqual({ ended: 3, of: 10 });
  expect(churnOf(days, "2025-12-31")).toEqual({ ended: 8, of: null });
});
