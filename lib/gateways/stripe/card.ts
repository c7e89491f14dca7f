import type Stripe from "stripe";

/** A saved card. */
export type StripeCard = {
  /** Stripe's id of the payment method (pm_...). */
  methodId: string;
  brand: string;
  last4: string;
  expMonth: number;
  expYear: number;
  /** Identifies the same card across all customers; never stored with the card. */
  fingerprint: string | null;
  addedAt: Date;
};

/** Converts a payment method; null when it was not expanded or is not a card. */
export function toCard(method: string | Stripe.PaymentMethod | null): StripeCard | null {
  if (method === null || typeof method === "string" || method.card === undefined) return null;
  const { brand, last4, exp_month: expMonth, exp_year: expYear, fingerprint } = method.card;
  const addedAt = new Date(method.created * 1_000);
  return { methodId: method.id, brand, last4, expMonth, expYear, fingerprint: fingerprint ?? null, addedAt };
}

/** A card that a user entered on our page and whose bank confirmed it. */
export type ChosenCard = { methodId: string; chosenAt: Date; userId: string | null };

/** The metadata `purpose` of a session that replaces the card. */
export const cardChangePurpose = "change_card";

/**
 * Returns the card that a completed card-change session saved; null for other sessions. `chosenAt` is the
 * last attempt, which may be long after the session or the card was created.
 */
export function toChosenCard({
  metadata,
  status,
  setup_intent: setup,
}: Stripe.Checkout.Session): ChosenCard | null {
  if (metadata?.purpose !== cardChangePurpose || status !== "complete") return null;
  if (setup === null || typeof setup === "string" || setup.status !== "succeeded") return null;
  const { latest_attempt: attempt, payment_method: method } = setup;
  if (attempt === null || typeof attempt === "string" || method === null) return null;
  return {
    methodId: typeof method === "string" ? method : method.id,
    chosenAt: new Date(attempt.created * 1_000),
    userId: metadata.user_id ?? null,
  };
}
