import { isOverageKey } from "#lib/billing/catalog/overage-prices.ts";
import { findOffer, findTopUp, type Offer } from "#lib/billing/catalog/plans.ts";

/** The fields of an invoice line that describe what it bills. */
export type PurposeLine = {
  lookupKey: string | null;
  description: string | null;
  isProration: boolean;
  amountCents: number;
};

/** A part of what an invoice bills; screens name it in the reader's language. */
export type InvoicePurpose =
  | { kind: "planChange" | "topUp" | "overage" }
  | { kind: "plan" | "trial"; offer: Offer }
  /** Not of our catalog; `description` is Stripe's text. */
  | { kind: "other"; description: string | null };

/**
 * Returns what an invoice bills, at least one part: the plan or its change, a top-up, overage. Pure.
 * @param billingReason Stripe's billing reason
 * @param lines the known lines, without the tax line
 */
export function invoicePurpose(billingReason: string | null, lines: PurposeLine[]): InvoicePurpose[] {
  const plan = planPart(billingReason, lines);
  const parts: InvoicePurpose[] = plan === null ? [] : [plan];
  if (lines.some(({ lookupKey }) => findTopUp(lookupKey) !== undefined)) parts.push({ kind: "topUp" });
  if (lines.some(({ lookupKey, amountCents }) => isOverageKey(lookupKey) && amountCents > 0))
    parts.push({ kind: "overage" });
  if (parts.length > 0) return parts;
  return [{ kind: "other", description: lines.find(({ description }) => description)?.description ?? null }];
}

function planPart(billingReason: string | null, lines: PurposeLine[]): InvoicePurpose | null {
  if (billingReason === "subscription_update") return { kind: "planChange" };
  const billed = lines.flatMap((line) => {
    const offer = findOffer(line.lookupKey);
    return offer === undefined || line.isProration ? [] : [{ offer, isTrial: line.amountCents <= 0 }];
  })[0];
  if (billed === undefined)
    return lines.some(({ isProration }) => isProration) ? { kind: "planChange" } : null;
  const { offer, isTrial } = billed;
  return { kind: isTrial && billingReason === "subscription_create" ? "trial" : "plan", offer };
}
