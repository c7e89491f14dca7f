import type Stripe from "stripe";

/** A card on file, as much of it as Stripe tells. */
export type StripeCard = {
  /** Stripe's id of the payment method (pm_...). */
  methodId: string;
  brand: string;
  last4: string;
  expMonth: number;
  expYear: number;
  /** The same for one card in every customer of ours; never stored with the card. */
  fingerprint: string | null;
};

/** The card behind a payment method; null where none was expanded, or where it is no card. */
export function cardOf(method: string | Stripe.PaymentMethod | null): StripeCard | null {
  if (method === null || typeof method === "string" || method.card === undefined) return null;
  const { brand, last4, exp_month: expMonth, exp_year: expYear, fingerprint } = method.card;
  return { methodId: method.id, brand, last4, expMonth, expYear, fingerprint: fingerprint ?? null };
}
