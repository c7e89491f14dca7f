import { AppError } from "#lib/core/errors.ts";
import { fromCents } from "#lib/core/money.ts";
import type { StripeCard } from "#lib/gateways/stripe/card.ts";
import type { StripePayment } from "#lib/gateways/stripe/payments.ts";

/** The payment that the user accepted. */
export type AcceptedPayment = { invoiceId: string; amountMicros: number; cardLast4: string };

export type PaymentDecision =
  | { kind: "paid" }
  /** The bank already waits for a confirmation with this card. */
  | { kind: "confirm" }
  | { kind: "charge"; methodId: string };

type PaymentState = Pick<StripePayment, "status" | "amountDueCents" | "needsAction" | "methodId">;

/**
 * Decides whether to charge an invoice, from the state fetched under the customer's lock. Pure. It is charged
 * only with the accepted amount and card (M20).
 * @throws AppError conflict when something has changed since it was shown
 */
export function decidePayment(
  payment: PaymentState,
  card: Pick<StripeCard, "methodId" | "last4"> | null,
  { amountMicros, cardLast4 }: AcceptedPayment,
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
