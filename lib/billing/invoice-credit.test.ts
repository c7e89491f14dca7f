import { expect, test } from "vitest";
import { creditKeysOf, type LineFacts } from "#lib/billing/invoice-credit.ts";
import { marginOf } from "#lib/billing/margin.ts";
import { churnOf } from "#lib/billing/operator-overview.ts";
import type { RevenueDay } from "#lib/billing/revenue.ts";

const invoice = { id: "in_1", subscriptionId: "sub_1", paymentIntentIds: ["pi_1"] };
const line = (given: Partial<LineFacts>): LineFacts => ({
  id: "il_1",
  subscriptionItemId: "si_1",
  lookupKey: "pro_month",
  isProration: false,
  amountCents: 1_900,
  periodStart: new Date("2026-01-31T12:00:00Z"),
  ...given,
});

test.each([
  ["a month", line({}), ["grace:in_1", "allowance:si_1:2026-01-31T12:00:00.000Z", "upgrade:si_1:in_1"]],
  ["a trial, which costs nothing", line({ amountCents: 0 }), ["trial:sub_1"]],
  ["an upgrade", line({ isProration: true, amountCents: 700 }), ["upgrade:si_1:in_1"]],
  ["what an upgrade gives back", line({ isProration: true, amountCents: -700 }), []],
  ["a top-up", line({ subscriptionItemId: null, lookupKey: "top_up_5" }), ["top_up:pi_1"]],
  ["what is not of our catalogue", line({ lookupKey: null }), []],
])("the line of %s leads to the credit that it may have given", (_name, given, keys) => {
  expect([...creditKeysOf(invoice, [given]).values()]).toEqual([keys]);
});

test("a year leads to its twelve months, and no credit stands at two lines", () => {
  const year = line({ lookupKey: "pro_year", amountCents: 19_000 });
  const keys = creditKeysOf(invoice, [
    year,
    line({ id: "il_2", isProration: true, amountCents: 10 }),
    line({ id: "il_3", isProration: true, amountCents: 20 }),
  ]);
  expect(keys.get("il_1")?.filter((key) => key.startsWith("allowance:"))).toHaveLength(12);
  const all = [...keys.values()].flat();
  expect(new Set(all).size).toBe(all.length);
});

test("margin is what was paid, less what went back, less what the models cost (M8)", () => {
  expect(marginOf({ paidCents: 1_900, returnedCents: 475, costMicros: 3_000_001 })).toBe(11_249_999);
  expect(marginOf({ paidCents: 0, returnedCents: 0, costMicros: 400_000 })).toBe(-400_000);
});

test("churn is what ended since a day, of those who paid at its end", () => {
  const day = (name: string, paying: number, ended: number): RevenueDay => ({
    ...{ day: name, paying, ended, mrrCents: 0, trialing: 0, pastDue: 1, started: 0, failedPayments: 0 },
  });
  const days = [day("2026-01-01", 9, 5), day("2026-01-02", 7, 2), day("2026-01-03", 8, 1)];
  expect(churnOf(days, "2026-01-01")).toEqual({ ended: 3, of: 10 });
  expect(churnOf(days, "2025-12-31")).toEqual({ ended: 8, of: null });
});
