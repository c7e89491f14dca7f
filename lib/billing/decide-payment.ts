import type { StripeCard } from "#lib/gateways/stripe-card.ts";
import type { StripePayment } from "#lib/gateways/stripe-payments.ts";
import { AppError } from "#lib/ground/errors.ts";
import { fromCents } from "#lib/ground/money.ts";

/** What somebody has seen and agreed to pay. */
export type PaymentAgreement = { invoiceId: string; amountMicros: number; cardLast4: string };

export type PaymentDecision =
  | { kind: "paid" }
  /** The bank was asked about this card already and waits for the answer. */
  | { kind: "confirm" }
  | { kind: "charge"; methodId: string };

type Standing = Pick<StripePayment, "status" | "amountDueCents" | "needsAction" | "methodId">;

/**
 * Whether an invoice may be paid as it was shown, by what Stripe says under the customer's lock. Pure. The amount and the
 * card are those agreed to, or nothing is charged (M20).
 * @throws AppError conflict when something is different from what was shown
 */
export function decidePayment(
  payment: Standing,
  card: Pick<StripeCard, "methodId" | "last4"> | null,
  { amountMicros, cardLast4 }: PaymentAgreement,
): PaymentDecision {
  if (payment.status === "paid") return { kind: "paid" };
  if (payment.status !== "open") throw changed("This invoice is not open any more. Nothing was charged.");
  if (fromCents(payment.amountDueCents) !== amountMicros)
    throw changed("The amount has changed since you looked. Nothing was charged; please look again.");
  if (card === null) throw changed("There is no card on file any more. Nothing was charged.");
  if (card.last4 !== cardLast4)
    throw changed("Your card has changed since you looked. Nothing was charged; please look again.");
  if (payment.needsAction && payment.methodId === card.methodId) return { kind: "confirm" };
  return { kind: "charge", methodId: card.methodId };
}

function changed(message: string): AppError {
  return new AppError("conflict", { message });
}
