import { expect, test } from "vitest";
import { missingLine } from "#lib/billing/reports/explain-invoice.ts";

const periodStart = new Date("2026-12-01T00:00:00Z");
const invoice = (totalCents: number) => ({ id: "in_1", totalCents, periodStart, periodEnd: periodStart });

test("discounts become a line, so that the lines sum to the total", () => {
  const lines = [{ amountCents: 600 }, { amountCents: 9_900 }, { amountCents: 500 }];
  expect(missingLine(invoice(8_375), lines)).toMatchObject([
    { description: "Discounts", isDiscount: true, amountCents: -2_625 },
  ]);
});

test("no line is added if the lines equal the total or none is known", () => {
  expect(missingLine(invoice(1_900), [{ amountCents: 1_900 }])).toEqual([]);
  expect(missingLine(invoice(1_900), [])).toEqual([]);
});

test("a missing positive amount is not called a discount", () => {
  expect(missingLine(invoice(1_900), [{ amountCents: 900 }])).toMatchObject([
    { description: "Lines that are not known here", isDiscount: false, amountCents: 1_000 },
  ]);
});
