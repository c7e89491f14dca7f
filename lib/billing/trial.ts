import { createHash } from "node:crypto";
import { findOffer, type Offer } from "#lib/billing/plans.ts";
import { usd } from "#lib/core/money.ts";

/** What a Checkout leads to: an offer that is paid at once, or one that is tried first. */
export type Sale = {
  /** Names the sale in a Checkout's metadata, so that a trial's page is not taken for that of the plan itself. */
  lookupKey: string;
  offer: Offer;
  trialDays: number | null;
};

/** M11: Pro for 14 days with 5 USD of credit; then it is paid month by month. */
export const proTrial = { lookupKey: "pro_trial", days: 14, creditMicros: usd(5), offer: offerToTry() };

function offerToTry(): Offer {
  const offer = findOffer("pro_month");
  if (offer === undefined) throw new Error("The catalogue has lost the plan that can be tried.");
  return offer;
}

/** What is sold under a key: a price of the catalogue, or the trial. Undefined for a key that is not ours. */
export function findSale(lookupKey: string): Sale | undefined {
  if (lookupKey === proTrial.lookupKey) return { lookupKey, offer: proTrial.offer, trialDays: proTrial.days };
  const offer = findOffer(lookupKey);
  return offer === undefined ? undefined : { lookupKey, offer, trialDays: null };
}

/** When a trial that begins at `at` ends, and the plan is first paid for. */
export function trialEndOf(at: Date): Date {
  return new Date(at.getTime() + proTrial.days * 86_400_000);
}

/** Providers whose addresses are the same with and without dots before the @. */
const dotless = new Set(["gmail.com", "googlemail.com"]);

/**
 * Stands for a person in the register of trials and names nobody: one mailbox has one hash, however its address is written.
 * What follows a plus is the mailbox's own affair everywhere; dots are at Gmail, which has two names.
 */
export function trialAddressHash(email: string): string {
  const [local = "", domain = ""] = email.trim().toLowerCase().split("@");
  const box = local.split("+")[0] ?? "";
  const mailbox = dotless.has(domain) ? `${box.replaceAll(".", "")}@gmail.com` : `${box}@${domain}`;
  return createHash("sha256").update(mailbox).digest("hex");
}
