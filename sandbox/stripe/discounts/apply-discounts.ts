import type Stripe from "stripe";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";

type Line = Pick<Stripe.InvoiceLineItem, "amount" | "currency" | "discountable" | "discounts" | "pricing">;
type DiscountAmount = { amount: number; discount: string };
export type Discounted = {
  /** What is taken off each line, in the order of the lines. */
  byLine: DiscountAmount[][];
  /** What each discount takes off in all. */
  totals: DiscountAmount[];
  /** The lines less their own discounts, before those of the whole invoice. */
  subtotal: number;
  total: number;
};

/**
 * What discounts take off the lines of an invoice: first each line's own, then those of the invoice, each from what the
 * ones before it left. A discount is rounded to the smallest unit once, then spread over its lines so that their shares
 * sum to it. Credits and prorations are not discountable, and no line goes below zero.
 */
export function applyDiscounts(
  lines: Line[],
  ownTerms: DiscountTerms[],
  invoiceTerms: DiscountTerms[],
): Discounted {
  const left = lines.map((line) => line.amount);
  const byLine = lines.map((): DiscountAmount[] => []);
  const takeOff = (terms: DiscountTerms, isMeant: (line: Line) => boolean): DiscountAmount => {
    const base = lines.map((line, at) => (isMeant(line) && isInScope(line, terms) ? (left[at] ?? 0) : 0));
    const weights = base.map((amount) => Math.max(0, amount));
    const amount = amountOff(terms, sumOf(weights), lines[0]?.currency ?? "");
    for (const [at, share] of distribute(amount, weights).entries()) {
      if (share === 0) continue;
      left[at] = (left[at] ?? 0) - share;
      byLine[at]?.push({ amount: share, discount: terms.id });
    }
    return { amount, discount: terms.id };
  };
  const own = ownTerms.map((terms) =>
    takeOff(terms, (line) => line.discounts.some((discount) => discount === terms.id)),
  );
  const subtotal = sumOf(left);
  const whole = invoiceTerms.map((terms) => takeOff(terms, (line) => line.discountable));
  return { byLine, totals: [...own, ...whole], subtotal, total: sumOf(left) };
}

/** Splits a whole amount in proportion to weights: the shares sum to it, and none is above its weight unless it is. */
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

/** What terms take off an amount: a share of it, rounded half up, or a fixed amount of its currency. */
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
