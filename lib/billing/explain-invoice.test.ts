import { expect, test } from "vitest";
import { missingLine } from "#lib/billing/explain-invoice.ts";

const periodStart = new Date("2026-12-01T00:00:00Z");
const invoice = (totalCents: number) => ({ id: "in_1", totalCents, periodStart, periodEnd: periodStart });

test("what discounts took off the whole is a line of its own, so that the lines come to the total", () => {
  const lines = [{ amountCents: 600 }, { amountCents: 9_900 }, { amountCents: 500 }];
  expect(missingLine(invoice(8_375), lines)).toMatchObject([
    { description: "Discounts", isDiscount: true, amountCents: -2_625 },
  ]);
});

test("nothing is added where the lines are the total, or none is known", () => {
  expect(missingLine(invoice(1_900), [{ amountCents: 1_900 }])).toEqual([]);
  expect(missingLine(invoice(1_900), [])).toEqual([]);
});

test("lines that are not known here are not called discounts", () => {
  expect(missingLine(invoice(1_900), [{ amountCents: 900 }])).toMatchObject([
    { description: "Lines that are not known here", isDiscount: false, amountCents: 1_000 },
  ]);
});
