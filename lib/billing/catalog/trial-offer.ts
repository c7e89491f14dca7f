import { findOffer, type Offer } from "#lib/billing/catalog/plans.ts";
import { usd } from "#lib/core/money.ts";

/** What a Checkout sells: an offer that is paid immediately, or one that starts with a trial. */
export type CheckoutOffer = {
  /**
   * Stored in the Checkout's metadata, so that a trial's session is not confused with one for the plan
   * itself.
   */
  lookupKey: string;
  offer: Offer;
  /** The length of the trial; null without a trial. */
  trialDays: number | null;
};

/** M11: Pro for 14 days with 5 USD of credit; then the monthly price. */
export const proTrial = { lookupKey: "pro_trial", days: 14, creditMicros: usd(5), offer: trialOffer() };

function trialOffer(): Offer {
  const offer = findOffer("pro_month");
  if (offer === undefined) throw new Error("The catalog does not contain the plan of the trial (pro_month).");
  return offer;
}

/** Returns what is sold under a lookup key: a plan's price or the trial; undefined for any other key. */
export function findCheckoutOffer(lookupKey: string): CheckoutOffer | undefined {
  if (lookupKey === proTrial.lookupKey) return { lookupKey, offer: proTrial.offer, trialDays: proTrial.days };
  const offer = findOffer(lookupKey);
  return offer === undefined ? undefined : { lookupKey, offer, trialDays: null };
}

/** Returns when a trial that starts at `at` ends and the first payment is due. */
export function trialEndsAtOf(at: Date): Date {
  return new Date(at.getTime() + proTrial.days * 86_400_000);
}
