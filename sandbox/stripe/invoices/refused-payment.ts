import { intentOf } from "#sandbox/stripe/invoices/intent-of-invoice.ts";
import { invalid, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** What a call answers when the payment of an invoice was refused, or waits for the person's bank. */
export function refusedPayment(
  world: World,
  invoice: string,
  options: { keepsEffects: boolean },
): StripeFailure {
  const intent = intentOf(world, invoice);
  if (intent?.status === "requires_action") {
    return new StripeFailure(
      402,
      "card_error",
      "Payment for this invoice requires additional user action before it can be completed successfully.",
      { code: "invoice_payment_intent_requires_action", ...options },
    );
  }
  const error = intent?.last_payment_error;
  if (!error) {
    return invalid(
      "There is no default_payment_method set on this Customer or Invoice.",
      undefined,
      "missing",
    );
  }
  return new StripeFailure(402, "card_error", error.message ?? "Your card was declined.", {
    ...options,
    code: error.code ?? "card_declined",
    ...(error.decline_code ? { declineCode: error.decline_code } : {}),
    ...(error.charge ? { charge: error.charge } : {}),
    ...(error.payment_method ? { paymentMethod: error.payment_method } : {}),
  });
}
