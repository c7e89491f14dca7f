import { isOverageKey } from "#lib/billing/overage-prices.ts";
import { findOffer, findPack, offerTitle } from "#lib/billing/plans.ts";

/** As much of an invoice's line as says what it is for. */
export type PurposeLine = {
  lookupKey: string | null;
  description: string | null;
  isProration: boolean;
  amountCents: number;
};

/**
 * What an invoice is for, in a few words ("Pro, monthly", "Credit", "Change of plan"). Pure.
 * @param billingReason Stripe's word for why it was made
 * @param lines those that are known, without the one that stands for tax
 */
export function invoicePurpose(billingReason: string | null, lines: PurposeLine[]): string {
  const parts = [
    planPart(billingReason, lines),
    lines.some(({ lookupKey }) => findPack(lookupKey) !== undefined) ? "credit" : null,
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
  const bought = lines.flatMap((line) => {
    const offer = findOffer(line.lookupKey);
    return offer === undefined || line.isProration ? [] : [{ offer, isTrial: line.amountCents <= 0 }];
  })[0];
  if (bought === undefined) return lines.some(({ isProration }) => isProration) ? "change of plan" : null;
  const name = offerTitle(bought.offer);
  return bought.isTrial && billingReason === "subscription_create" ? `trial of ${name}` : name;
}
