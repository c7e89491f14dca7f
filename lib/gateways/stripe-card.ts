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
  addedAt: Date;
};

/** The card behind a payment method; null where none was expanded, or where it is no card. */
export function cardOf(method: string | Stripe.PaymentMethod | null): StripeCard | null {
  if (method === null || typeof method === "string" || method.card === undefined) return null;
  const { brand, last4, exp_month: expMonth, exp_year: expYear, fingerprint } = method.card;
  const addedAt = new Date(method.created * 1_000);
  return { methodId: method.id, brand, last4, expMonth, expYear, fingerprint: fingerprint ?? null, addedAt };
}

/** A card that somebody gave in our page, once its bank had agreed. */
export type ChosenCard = { methodId: string; chosenAt: Date; userId: string | null };

/** What stands in the metadata of a session that takes a card in place of the present one. */
export const cardChangePurpose = "change_card";

/** The card was chosen when it was last tried, which may be long after the session was opened, or the card made. */
export function chosenCardOf({
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
