import { isOverageKey } from "#lib/billing/catalog/overage-prices.ts";
import { findOffer, findTopUp, offerTitle } from "#lib/billing/catalog/plans.ts";

/** The fields of an invoice line that describe what it bills. */
export type PurposeLine = {
  lookupKey: string | null;
  description: string | null;
  isProration: boolean;
  amountCents: number;
};

/**
 * Describes what an invoice bills, in a few words ("Pro, monthly", "Credit", "Change of plan"). Pure.
 * @param billingReason Stripe's billing reason
 * @param lines the known lines, without the tax line
 */
export function invoicePurpose(billingReason: string | null, lines: PurposeLine[]): string {
  const parts = [
    planPart(billingReason, lines),
    lines.some(({ lookupKey }) => findTopUp(lookupKey) !== undefined) ? "credit" : null,
    lines.some(({ lookupKey, amountCents }) => isOverageKey(lookupKey) && amountCents > 0)
      ? "use beyond credit"
      : null,
  ].filter((part) => part !== null);
  if (parts.length === 0) return lines.find(({ description }) => description)?.description ?? "Other";
  const text = parts.join(" and ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function planPart(billingReason: string | null, lines: PurposeLine[]): string | null {
  if (billingReason === "subscription_update") return "change of plan";
  const billed = lines.flatMap((line) => {
    const offer = findOffer(line.lookupKey);
    return offer === undefined || line.isProration ? [] : [{ offer, isTrial: line.amountCents <= 0 }];
  })[0];
  if (billed === undefined) return lines.some(({ isProration }) => isProration) ? "change of plan" : null;
  const name = offerTitle(billed.offer);
  return billed.isTrial && billingReason === "subscription_create" ? `trial of ${name}` : name;
}
