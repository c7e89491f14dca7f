import { expect, test } from "vitest";
import { taxCentsOf } from "#lib/gateways/stripe/tax.ts";

const tax = (amount: number, behavior: "exclusive" | "inclusive") => ({
  amount,
  tax_behavior: behavior,
  tax_rate_details: null,
  taxability_reason: "standard_rated" as const,
  taxable_amount: 1_900,
  type: "tax_rate_details" as const,
});

test("an invoice's tax is the sum of exclusive taxes, without taxes that prices include", () => {
  expect(taxCentsOf({ total_taxes: [tax(285, "exclusive"), tax(95, "exclusive")] })).toBe(380);
  expect(taxCentsOf({ total_taxes: [tax(317, "inclusive")] })).toBe(0);
  expect(taxCentsOf({ total_taxes: null })).toBe(0);
});
