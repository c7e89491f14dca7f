import { AppError, errorReason } from "#lib/core/errors.ts";
import { fromMinorUnits } from "#lib/core/money.ts";
import type { StripeCard } from "#lib/gateways/stripe/card.ts";
import type { StripePayment } from "#lib/gateways/stripe/payments.ts";

/** The payment that the user accepted; the amount is in millionths of the invoice's currency. */
export type AcceptedPayment = { invoiceId: string; amountMicros: number; cardLast4: string };

export type PaymentDecision =
  | { kind: "paid" }
  /** The bank already waits for a confirmation with this card. */
  | { kind: "confirm" }
  | { kind: "charge"; methodId: string };

type PaymentState = Pick<
  StripePayment,
  "status" | "amountDueCents" | "currency" | "needsAction" | "methodId"
>;

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
  if (payment.status !== "open") throw changed("invoiceNotOpen");
  if (fromMinorUnits(payment.amountDueCents, payment.currency) !== amountMicros)
    throw changed("amountChanged");
  if (card === null) throw changed("cardMissing");
  if (card.last4 !== cardLast4) throw changed("cardChanged");
  if (payment.needsAction && payment.methodId === card.methodId) return { kind: "confirm" };
  return { kind: "charge", methodId: card.methodId };
}

function changed(key: "invoiceNotOpen" | "amountChanged" | "cardMissing" | "cardChanged"): AppError {
  return new AppError("conflict", { reason: errorReason(key) });
}
