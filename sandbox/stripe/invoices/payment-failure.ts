import { findInvoiceIntent } from "#sandbox/stripe/invoices/invoice-intent.ts";
import { invalid, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Returns the 402 error for an invoice payment that was declined or requires authentication. */
export function toPaymentFailure(
  world: World,
  invoice: string,
  options: { keepsEffects: boolean },
): StripeFailure {
  const intent = findInvoiceIntent(world, invoice);
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
