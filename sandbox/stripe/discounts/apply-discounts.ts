import type Stripe from "stripe";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";

type Line = Pick<Stripe.InvoiceLineItem, "amount" | "currency" | "discountable" | "discounts" | "pricing">;
export type DiscountAmount = { amount: number; discount: string };
export type DiscountResult = {
  /** The discount amounts of each line, in the order of the lines. */
  byLine: DiscountAmount[][];
  /** The total amount of each discount. */
  totals: DiscountAmount[];
  /** Sum of the lines after line discounts and before invoice discounts. */
  subtotal: number;
  total: number;
};

/**
 * Computes the discounts of an invoice's lines: line discounts first, then invoice discounts, each on the
 * amount that the previous ones left. A discount is rounded once to the minor unit, then distributed over its
 * lines so that the shares add up to it. Credits and prorations are not discountable, and no line becomes
 * negative.
 */
export function applyDiscounts(
  lines: Line[],
  ownTerms: DiscountTerms[],
  invoiceTerms: DiscountTerms[],
): DiscountResult {
  const remaining = lines.map((line) => line.amount);
  const byLine = lines.map((): DiscountAmount[] => []);
  const applyTerms = (terms: DiscountTerms, isEligible: (line: Line) => boolean): DiscountAmount => {
    const base = lines.map((line, at) =>
      isEligible(line) && isInScope(line, terms) ? (remaining[at] ?? 0) : 0,
    );
    const weights = base.map((amount) => Math.max(0, amount));
    const amount = amountOff(terms, sumOf(weights), lines[0]?.currency ?? "");
    for (const [at, share] of distribute(amount, weights).entries()) {
      if (share === 0) continue;
      remaining[at] = (remaining[at] ?? 0) - share;
      byLine[at]?.push({ amount: share, discount: terms.id });
    }
    return { amount, discount: terms.id };
  };
  const own = ownTerms.map((terms) =>
    applyTerms(terms, (line) => line.discounts.some((discount) => discount === terms.id)),
  );
  const subtotal = sumOf(remaining);
  const whole = invoiceTerms.map((terms) => applyTerms(terms, (line) => line.discountable));
  return { byLine, totals: [...own, ...whole], subtotal, total: sumOf(remaining) };
}

/**
 * Splits an integer amount in proportion to weights. The shares add up to it; none exceeds its weight if it
 * fits.
 */
export function distribute(amount: number, weights: number[]): number[] {
  const sum = BigInt(sumOf(weights));
  if (sum === 0n) return weights.map(() => 0);
  let seen = 0n;
  let given = 0n;
  return weights.map((weight) => {
    seen += BigInt(weight);
    const upToHere = (BigInt(amount) * seen) / sum;
    const share = upToHere - given;
    given = upToHere;
    return Number(share);
  });
}

/** Returns the discount on an amount: a percentage, rounded half up, or the fixed amount in its currency. */
export function amountOff(terms: DiscountTerms, base: number, currency: string): number {
  if (terms.percentOff === null) return Math.min(terms.amountsOff[currency] ?? 0, base);
  // Percentages have at most four decimals, so this is exact.
  const millionths = Math.round(terms.percentOff * 10_000);
  return Math.min(base, Math.round((base * millionths) / 1_000_000));
}

function isInScope(line: Line, { products }: DiscountTerms): boolean {
  return products === null || products.includes(line.pricing?.price_details?.product ?? "");
}

function sumOf(amounts: number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
