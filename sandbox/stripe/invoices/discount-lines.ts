import type Stripe from "stripe";
import { applyDiscounts } from "#sandbox/stripe/discounts/apply-discounts.ts";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";

type DiscountedLines = {
  lines: Stripe.InvoiceLineItem[];
  totals: Stripe.Invoice.TotalDiscountAmount[];
  credits: Stripe.Invoice.TotalPretaxCreditAmount[];
  subtotal: number;
  total: number;
};

/** Returns the lines with their discount amounts, and the invoice's totals. */
export function discountLines(
  lines: Stripe.InvoiceLineItem[],
  ownTerms: DiscountTerms[],
  invoiceTerms: DiscountTerms[],
): DiscountedLines {
  const { byLine, totals, subtotal, total } = applyDiscounts(lines, ownTerms, invoiceTerms);
  return {
    lines: lines.map((line, position) => {
      const amounts = byLine[position] ?? [];
      return { ...line, discount_amounts: amounts, pretax_credit_amounts: toPretaxCredits(amounts) };
    }),
    totals,
    credits: toPretaxCredits(totals),
    subtotal,
    total,
  };
}

function toPretaxCredits(amounts: { amount: number; discount: string }[]) {
  return amounts.map((each) => ({ ...each, type: "discount" as const }));
}
